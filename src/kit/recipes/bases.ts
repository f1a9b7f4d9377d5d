import { buildDebianImage } from '../debian.ts'
import { buildDebianGo } from '../debian-go.ts'
import { type Recipe, recipe } from '../recipe.ts'
import { imageRecipe } from './image-recipes.ts'

function debian(codename: string): Recipe {
  return recipe({
    name: `debian-${codename}`,
    version: codename,
    kind: 'image',
    internal: true,
    provides: [`kit/debian:${codename}`],
    usesHost: true,
    seconds: 60,
    build: (work) => buildDebianImage(work, codename),
  })
}

/** What every image rests on: root file systems of Debian, and next to nothing for programs that are linked statically. */
export const baseRecipes: readonly Recipe[] = [
  debian('bookworm'),
  debian('trixie'),
  imageRecipe({
    name: 'static',
    version: 'v1',
    internal: true,
    provides: ['kit/static:v1'],
    needs: ['debian-trixie'],
    seconds: 12,
    image: { folder: 'images/static' },
  }),
]

/** Go 1.24 out of Debian's packages, unpacked into the cache: nothing is installed on the machine. */
export const goToolchain: Recipe = recipe({
  name: 'go',
  version: '1.24',
  kind: 'tool',
  internal: true,
  needs: ['debian-trixie'],
  seconds: 40,
  build: buildDebianGo,
})
