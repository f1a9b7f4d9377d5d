import { isTaken } from '../cluster/host-ports.ts'
import { portPair } from '../config/ports.ts'
import type { LoadedConfig } from '../config/schema.ts'
import { DevkError } from '../errors.ts'
import { type FindPortOwner, ownerText } from '../host/port-owner.ts'
import { externalForward } from '../stack/desired/externals.ts'

/**
 * Throws PORT_TAKEN, with every such port and the program that listens there, when forwards of these services and
 * externals, or programs of this machine, cannot listen. Asked before anything is built, so that the user does not wait
 * for it.
 */
export async function requireFreeForwards(
  { services, externals, locals }: Pick<LoadedConfig, 'services' | 'externals' | 'locals'>,
  portOwner: FindPortOwner,
): Promise<void> {
  const wanted = [
    ...Object.entries(services).flatMap(([name, { ports }]) =>
      ports.map((port) => ({ name, local: portPair(port).local })),
    ),
    ...Object.entries(externals).flatMap(([name, external]) => {
      const pair = externalForward(external)
      return pair === undefined ? [] : [{ name, local: pair.local }]
    }),
    ...Object.entries(locals).flatMap(([name, { ports }]) => ports.map((local) => ({ name, local }))),
  ]
  const asked = wanted.map(async ({ name, local }) => {
    if (!(await isTaken(local))) return []
    const owner = await portOwner(local)
    return [`localhost:${local} of ${name}: ${owner === undefined ? 'another program' : ownerText(owner)}`]
  })
  const taken = (await Promise.all(asked)).flat()
  if (taken.length === 0) return
  const who = Object.keys(locals).length === 0 ? 'devk forwards' : 'devk forwards or starts programs on'
  throw new DevkError('PORT_TAKEN', `Ports that ${who} are taken`, {
    details: [...taken, 'Nothing was changed.'],
    hint: 'Stop these programs or choose other ports (ports of the service); devk up -d forwards none.',
  })
}
