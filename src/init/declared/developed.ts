import type { KubeObject } from '../../kube/api.ts'
import { repositoryOf } from '../../lib/image-reference.ts'
import type { Facts } from '../../readers/facts.ts'
import { lastOf, type Matches } from '../match/match.ts'
import { imagesOf } from '../propose/services.ts'
import type { Around } from '../sync/live.ts'
import { shown } from './services.ts'

/**
 * The command by which people develop the service of an image: that of the service, its workload or its image by name;
 * of the only image, also that of `web`. One that needs a variable is left out: the container may not have it. Pure.
 */
export function developedBy(
  facts: Facts,
  image: string,
  { built }: Matches,
  objects: readonly KubeObject[],
): Around['developed'] {
  const own = objects.filter((object) => imagesOf(object).some((each) => repositoryOf(each) === image))
  const names = new Set([lastOf(image), ...own.map(({ metadata }) => metadata.name)])
  const known = facts.services.filter(
    ({ command = [], sync }) => sync === undefined && command.length > 0 && !/\$/.test(command.join(' ')),
  )
  const fact =
    known.find(({ name }) => name !== undefined && names.has(name)) ??
    (built.size === 1 ? known.find(({ name }) => name === 'web') : undefined)
  return fact?.command === undefined ? undefined : { command: fact.command, place: shown(fact.place) }
}
