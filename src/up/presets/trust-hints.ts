import type { HostPort } from '../../cluster/provider.ts'
import type { CliContext } from '../../context.ts'
import type { KubeObject } from '../../kube/api.ts'
import { authorityFiles } from '../../presets/tls/authority.ts'
import { servedHosts } from '../../presets/tls/hosts.ts'
import { isWithin, localNames } from '../../presets/tls/names.ts'
import { curlLine } from '../../presets/tls/trust.ts'

/**
 * A command line that requests one of the hosts with the certificate of its authority; empty when no host has a
 * certificate. `agreed`: the names that the user agreed to. Pure.
 */
export function trustHints(
  paths: Pick<CliContext['paths'], 'authority' | 'hostsAuthority'>,
  objects: readonly KubeObject[],
  ports: readonly HostPort[],
  agreed: readonly string[],
): string[] {
  const hosts = servedHosts(objects, []).filter((host) => !host.startsWith('*'))
  const local = hosts.filter((host) => isWithin(host, localNames))
  const host =
    local.find((each) => each.endsWith('.localhost')) ?? local[0] ?? hosts.find((each) => isWithin(each, agreed))
  const https = ports.find(({ node }) => node === 443)?.host
  if (host === undefined || https === undefined) return []
  const folder = local.includes(host) ? paths.authority : paths.hostsAuthority
  return [`${curlLine(authorityFiles(folder).certificate, host, https)}   (for browsers: devk trust)`]
}
