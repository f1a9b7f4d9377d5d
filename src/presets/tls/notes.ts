import type { Replaced } from './issuer.ts'
import { nameOfHost } from './names.ts'

/** Says that a host has no certificate because the user has not agreed to it, and how to agree. Pure. */
export function foreignNote(host: string): string {
  const name = nameOfHost(host)
  return (
    `${host} has no certificate: the name belongs to someone on the internet, and you have not agreed to it. ` +
    `To agree, run devk trust --host ${name}, then devk up. Or map it to a local name with scale.hosts`
  )
}

/** Says that an authority was replaced, why, and what to do. Pure. */
export function replacedNote({ why, folder }: Replaced): string {
  const reason = { expires: 'it expires soon', names: 'it could sign for other names than it should' }[why]
  return (
    `devk replaced a certificate authority, because ${reason}. ` +
    `Browsers trust the new one after devk trust --install, which also removes the earlier one. ` +
    `The certificate of the earlier one is in ${folder}`
  )
}

/** What everybody who has the key of the authority could do. Pure. */
export function keyWarning(keys: readonly string[]): string {
  const files = keys.join(' and ')
  return `Whoever can read ${files} can impersonate the hosts below to you. Never share or copy it.`
}
