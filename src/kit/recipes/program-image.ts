import type { GoBuild } from '../gobuild.ts'
import type { Recipe } from '../recipe.ts'
import { goRecipe } from './go-recipes.ts'
import { imageRecipe } from './image-recipes.ts'

/** An image with programs that are built from Go modules. */
interface Program {
  readonly name: string
  readonly version: string
  /** SPDX identifier. */
  readonly licence: string
  /** The upstream reference without its tag. */
  readonly image: string
  readonly tag: string
  /** Seconds that the compilation takes. */
  readonly seconds: number
  readonly builds: readonly GoBuild[]
  /** What the upstream image has, and this one does not. */
  readonly without?: string
}

/** Two recipes: one compiles the programs, the other builds the image with its upstream reference. */
export function program({ name, version, licence, image, tag, seconds, builds, without }: Program): Recipe[] {
  const compiled = `${name}-program`
  const made = `${name} ${version} built from source`
  return [
    goRecipe({ name: compiled, version, licences: [licence], seconds, builds }),
    imageRecipe({
      name,
      version,
      licences: [licence],
      provides: [`${image}:${tag}`],
      standIn: without === undefined ? made : `${made}, without ${without}`,
      onDemand: true,
      needs: ['static'],
      seconds: 3,
      image: { folder: `images/${name}`, copies: { [compiled]: 'all' } },
    }),
  ]
}
