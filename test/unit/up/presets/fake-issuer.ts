import type { Issuer } from '../../../../src/presets/tls/issuer.ts'
import { isWithin, withLocalNames } from '../../../../src/presets/tls/names.ts'

/** An issuer whose certificates say what they are for. It keeps those that exist. */
export function fakeIssuer(agreed: readonly string[] = []): Issuer {
  const isPermitted = (host: string) => isWithin(host, withLocalNames(agreed))
  const issued = (text: string) => ({ pair: { certificate: text, key: 'key' }, authority: 'authority' })
  const refuse = (hosts: readonly string[]) => {
    const foreign = hosts.find((host) => !isPermitted(host))
    if (foreign !== undefined) throw new Error(`a certificate for the foreign host ${foreign} was asked for`)
  }
  return {
    sorted: async (hosts) => ({
      permitted: hosts.filter(isPermitted),
      foreign: hosts.filter((host) => !isPermitted(host)),
    }),
    authorities: async () => 'authority',
    async certificate(hosts, current) {
      refuse(hosts)
      return current === undefined ? issued(`for ${hosts.join(' ')}`) : { pair: current, authority: 'authority' }
    },
    async intermediate(hosts, current) {
      refuse(hosts)
      return current === undefined ? issued(`below, for ${hosts.join(' ')}`) : { pair: current, authority: 'authority' }
    },
    internal: async (hosts, current) => current ?? { ...issued(`internal ${hosts.join(' ')}`), authority: 'its own' },
    replaced: () => [],
  }
}
