import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

/**
 * Domains that nobody owns on the internet: RFC 6761 reserves localhost and test, ICANN reserved internal. A
 * certificate for a name below them concerns only this machine and its private network.
 */
export const localNames: readonly string[] = ['internal', 'localhost', 'test']

/** Whether a host, also with a star as its first label, equals one of the names or lies below one. Pure. */
export function isWithin(host: string, names: readonly string[]): boolean {
  const name = nameOfHost(host)
  return names.some((each) => name === each || name.endsWith(`.${each}`))
}

/** The name that covers a host in a certificate authority: the host without a star as its first label. Pure. */
export function nameOfHost(host: string): string {
  return host.replace(/^\*\./, '')
}

/** The names of an authority that signs for hosts which the user agreed to: these and the local names. Pure. */
export function withLocalNames(names: readonly string[]): readonly string[] {
  return [...new Set([...localNames, ...names])].sort()
}

/**
 * The name that a user means with a host on a command line: lower case, in ASCII, without a star or a final dot.
 * undefined unless it is a DNS name of at least two labels: `com` would cover the hosts of millions of others. Pure.
 */
export function agreedName(text: string): string | undefined {
  const name = nameOfHost(domainToASCII(text.replace(/\.$/, '')).toLowerCase())
  const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
  const isName = name.length <= 253 && new RegExp(`^${label}(\\.${label})+$`).test(name)
  return isName && isIP(name) === 0 && !/\.\d+$/.test(name) ? name : undefined
}
