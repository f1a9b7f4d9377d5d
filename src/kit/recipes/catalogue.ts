import type { Recipe } from '../recipe.ts'
import { alpineToolsRecipe, baseRecipes, goToolchain } from './bases.ts'
import { clusterRecipes } from './cluster.ts'
import { dataServiceRecipes } from './data-services.ts'
import { javaServiceRecipes } from './java-services.ts'
import { languageRecipes } from './languages.ts'
import { metricsImageRecipes } from './metrics-images.ts'
import { minikubeRecipes } from './minikube.ts'
import { platformImageRecipes } from './platform-images.ts'
import { standInRecipes } from './stand-ins.ts'
import { toolRecipes } from './tools.ts'
import { traceLogImageRecipes } from './trace-log-images.ts'

/**
 * All recipes for a machine of this architecture (as Node.js names it). If the machine has no Go, a recipe for the Go
 * of Debian is included. It is not part of any key, so that results stay valid when Go is installed later.
 */
export function catalogue(arch: string, machineHasGo: boolean): Recipe[] {
  const all = [
    ...baseRecipes,
    alpineToolsRecipe,
    ...toolRecipes,
    ...clusterRecipes,
    ...minikubeRecipes,
    ...standInRecipes(arch),
    ...dataServiceRecipes,
    ...languageRecipes,
    ...javaServiceRecipes,
    ...platformImageRecipes,
    ...metricsImageRecipes,
    ...traceLogImageRecipes,
  ]
  if (machineHasGo) return all
  return [goToolchain, ...all.map((recipe) => (needsGo(recipe) ? { ...recipe, tools: [goToolchain.name] } : recipe))]
}

/** Whether building the recipe needs Go: to compile, or to download the base files of nodes as a module. */
export function needsGo(recipe: Recipe): boolean {
  return recipe.lane === 'compile' || recipe.name === 'node-image' || recipe.name === 'kicbase'
}
