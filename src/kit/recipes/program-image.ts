import type { GoBuild } from '../gobuild.ts'
import type { Recipe } from '../recipe.ts'
import { goRecipe } from './go-recipes.ts'
import { imageRecipe } from './image-recipes.ts'

/** A program of Go modules that becomes an image. */
interface Program {
  readonly name: string
  readonly version: string
  /** The reference without its tag, and the tag. */
  readonly image: string
  readonly tag: string
  /** Seconds the compilation takes. */
  readonly seconds: number
  readonly builds: readonly GoBuild[]
  /** What the image lacks of upstream's. */
  readonly without?: string
}

/** Two recipes: the programs of Go modules, and the image under its upstream name that has them at their upstream paths. */
export function program({ name, version, image, tag, seconds, builds, without }: Program): Recipe[] {
  const compiled = `${name}-program`
  const made = `${name} ${version} built from source`
  return [
    goRecipe({ name: compiled, version, seconds, builds }),
    imageRecipe({
      name,
      version,
      provides: [`${image}:${tag}`],
      standIn: without === undefined ? made : `${made}, without ${without}`,
      onDemand: true,
      needs: ['static'],
      seconds: 3,
      image: { folder: `images/${name}`, copies: { [compiled]: 'all' } },
    }),
  ]
}
