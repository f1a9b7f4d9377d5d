import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import type { Kube } from '../../kube/api.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import { nameOfHost } from '../../presets/tls/names.ts'
import { readHostAnswers, rememberHost } from '../../state/agreed-hosts.ts'
import { confirm } from '../../terminal/confirm.ts'
import type { Certifier } from './certificates.ts'
import { wantedHosts } from './wanted-hosts.ts'

/** A project that needs certificates. */
interface HostsInput {
  readonly config: LoadedConfig
  readonly certifier: Certifier
  readonly kube: Kube
  readonly rendered: () => Promise<readonly RenderedObject[]>
}

/**
 * Asks the user on the terminal about each foreign host that the project wants a certificate for, once: the answer is
 * kept. Without a terminal nothing is asked, and --yes is no answer: a repository that one only wants to start must not
 * get a certificate for the site of someone else. Throws KUBE_API.
 */
export async function agreeToHosts(ctx: CliContext, { config, certifier, kube, rendered }: HostsInput): Promise<void> {
  if (!ctx.isTTY || ctx.yes || ctx.json) return
  // What cannot be rendered is reported by the convergence.
  const objects = await rendered().catch(() => [])
  const { hosts } = await wantedHosts(config, objects, { ...certifier, kube }, ctx.signal)
  const { foreign } = await certifier.issuer.sorted(hosts)
  const answers = await readHostAnswers(ctx.paths.agreedHosts)
  for (const name of new Set(foreign.map(nameOfHost))) {
    if (answers.has(name)) continue
    const agreed = await confirm(ctx, hostQuestion(name))
    await rememberHost(ctx.paths.agreedHosts, name, { agreed, since: new Date(ctx.clock()).toISOString() })
  }
}

/** Asks about certificates for a name. Pure. */
function hostQuestion(name: string): string {
  return (
    `The project wants certificates for ${name}, a name that belongs to someone on the internet. ` +
    `Whoever gets its key can impersonate ${name} to programs that trust devk's authority. Let devk issue them?`
  )
}
