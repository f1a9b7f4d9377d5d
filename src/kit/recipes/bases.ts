import { buildDebianImage } from '../debian.ts'
import { buildDebianGo } from '../debian-go.ts'
import { type Recipe, recipe } from '../recipe.ts'

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

/** The root file systems everything rests on, and Go from Debian for machines that have none. */
export const baseRecipes: readonly Recipe[] = [debian('bookworm'), debian('trixie')]

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
