import type { CliContext } from '../../context.ts'
import { type Attachable, launchName } from '../../debug/launch.ts'
import type { Attached } from '../../debug/session.ts'
import { writeJson } from '../../terminal/output.ts'

/** What a session has found and written. */
export interface Told {
  readonly about: Attachable
  readonly attached: Attached
  /** The file with the run configuration, if one was written. */
  readonly written: string | undefined
}

/** Says where the debugger is, for people or with --json. */
export async function tell(ctx: CliContext, { about, attached, written }: Told): Promise<void> {
  const { service, runtime, port, mappings } = about
  const { pod, container } = attached.place
  const address = `127.0.0.1:${port}`
  if (ctx.json) {
    const wrote = written ?? null
    await writeJson(ctx.stdout, { service, runtime, address, pod: pod.name, container, mappings, wrote })
    return
  }
  const lines = [
    `${service}  ${attached.text}`,
    `pod       ${pod.namespace}/${pod.name}, container ${container}`,
    `debugger  ${address}`,
    ...(attached.notes ?? []).map((note) => `! ${note}`),
    ...mappings.map(({ local, remote }) => `sources   ${local} is ${remote}`),
    ...(written === undefined ? [] : [`wrote     "${launchName(service)}" in ${written}`]),
    'Ctrl-C ends the session and leaves the program running.',
  ]
  ctx.stderr.write(`${lines.join('\n')}\n`)
}
