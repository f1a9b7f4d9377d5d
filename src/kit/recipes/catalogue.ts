import type { Recipe } from '../recipe.ts'
import { baseRecipes, goToolchain } from './bases.ts'
import { clusterRecipes } from './cluster.ts'
import { dataServiceRecipes } from './data-services.ts'
import { metricsImageRecipes } from './metrics-images.ts'
import { minikubeRecipes } from './minikube.ts'
import { platformImageRecipes } from './platform-images.ts'
import { standInRecipes } from './stand-ins.ts'
import { toolRecipes } from './tools.ts'
import { traceLogImageRecipes } from './trace-log-images.ts'

/**
 * Everything the kit can make on a machine of this architecture. Without a Go of its own the machine gets Debian's as a recipe;
 * it is not part of any key, so that results stay valid when Go is installed later.
 */
export function catalogue(arch: string, machineHasGo: boolean): Recipe[] {
  const all = [
    ...baseRecipes,
    ...toolRecipes,
    ...clusterRecipes,
    ...minikubeRecipes,
    ...standInRecipes(arch),
    ...dataServiceRecipes,
    ...platformImageRecipes,
    ...metricsImageRecipes,
    ...traceLogImageRecipes,
  ]
  if (machineHasGo) return all
  return [goToolchain, ...all.map((recipe) => (needsGo(recipe) ? { ...recipe, tools: [goToolchain.name] } : recipe))]
}

/** Whether Go is called to make it: to compile, or for base files of nodes out of a module. */
export function needsGo(recipe: Recipe): boolean {
  return recipe.lane === 'compile' || recipe.name === 'node-image' || recipe.name === 'kicbase'
}
