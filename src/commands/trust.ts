import { X509Certificate } from 'node:crypto'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { CliContext, CommandFunction } from '../context.ts'
import { DevkError } from '../errors.ts'
import { userId } from '../platform/engine.ts'
import { authorityFiles, readAuthority } from '../presets/tls/authority.ts'
import { type TrustChange, type TrustSteps, trustSteps } from '../presets/tls/trust.ts'
import { confirm } from '../terminal/confirm.ts'
import { writeJson, writeText } from '../terminal/output.ts'

/** Flags of `devk trust`. */
export interface TrustFlags {
  /** Add the authority to those that this machine trusts. */
  readonly install: boolean
  /** Remove it from them. */
  readonly remove: boolean
}

/**
 * `devk trust`: shows the certificate of the local authority and the commands that make this machine trust it.
 * --install runs these commands and --remove reverts them, after asking the user. Throws CONFIG_NOT_FOUND if there is
 * no authority, TOOL_MISSING and COMMAND_FAILED.
 */
export const runTrust: CommandFunction<TrustFlags> = async (ctx, _args, { install, remove }) => {
  if (install && remove) throw new DevkError('USAGE', '--install and --remove cannot be used together')
  const folder = ctx.paths.authority
  const authority = await readAuthority(folder, new Date(ctx.clock()))
  if (authority === undefined) {
    throw new DevkError('CONFIG_NOT_FOUND', 'The local certificate authority does not exist yet', {
      hint: 'The preset tls creates it: run devk preset add tls, then devk up.',
    })
  }
  const file = authorityFiles(folder).certificate
  const { subject, fingerprint, fingerprint256, validToDate } = new X509Certificate(authority.certificate)
  const change = remove ? 'remove' : 'install'
  const its = { file, sha1: fingerprint.replaceAll(':', '') }
  const steps = trustSteps(change, process.platform, its, await programsOf(ctx))
  const root = steps?.root === true && userId() !== 0
  const lines = (steps?.commands ?? []).map((argv) => `${root ? 'sudo ' : ''}${argv.join(' ')}`)
  const facts = {
    file,
    subject: subject.replaceAll('\n', ', '),
    fingerprint: fingerprint256,
    until: validToDate.toISOString(),
  }
  const done = install || remove ? change : undefined
  if (done !== undefined) await changeTrust(ctx, done, { steps, lines, root })
  if (ctx.json) await writeJson(ctx.stdout, { ...facts, commands: lines, installed: install, removed: remove })
  else await writeText(ctx.stdout, `${text(facts, { done, lines, also: steps?.also })}\n`)
  return 0
}

/** The texts of a change: before the question, after a refusal, and after success. */
const words: Readonly<
  Record<TrustChange, { readonly asked: string; readonly refused: string; readonly done: string }>
> = {
  install: {
    asked: 'All programs that use the certificate store of this machine will trust this authority.',
    refused: 'The authority was not installed',
    done: '✔ This machine trusts the authority',
  },
  remove: {
    asked: 'Programs that use the certificate store of this machine will no longer trust this authority.',
    refused: 'The authority was not removed',
    done: '✔ This machine no longer trusts the authority',
  },
}

/** How a change is made on this machine. */
interface TrustCommands {
  readonly steps: TrustSteps | undefined
  readonly lines: readonly string[]
  /** Whether the commands need root, and the user is not root. */
  readonly root: boolean
}

async function changeTrust(ctx: CliContext, change: TrustChange, { steps, lines, root }: TrustCommands): Promise<void> {
  if (steps === undefined) {
    throw new DevkError('TOOL_MISSING', 'No supported program manages the trusted authorities of this machine', {
      hint: 'Install ca-certificates (update-ca-certificates) or p11-kit (trust).',
    })
  }
  if (root) {
    throw new DevkError('COMMAND_FAILED', 'Only root may change the trusted authorities of this machine', {
      details: ['Nothing was changed.'],
      hint: `Run: ${lines.join(' && ')}`,
    })
  }
  if (!(await confirm(ctx, `${words[change].asked} ${lines.join(' && ')}?`))) {
    throw new DevkError('USAGE', words[change].refused, {
      details: ['Nothing was changed.'],
      hint: 'Answer y, or pass --yes.',
    })
  }
  for (const [command = '', ...args] of steps.commands) {
    const { exitCode, stderr } = await ctx.runner.run(command, args, { signal: ctx.signal })
    if (exitCode === 0) continue
    throw new DevkError('COMMAND_FAILED', `${command} ended with exit code ${exitCode}`, { details: [stderr.trim()] })
  }
}

/** What is shown about the authority. */
interface AuthorityFacts {
  readonly file: string
  readonly subject: string
  readonly fingerprint: string
  readonly until: string
}

interface Outcome {
  readonly done: TrustChange | undefined
  readonly lines: readonly string[]
  readonly also: string | undefined
}

function text(authority: AuthorityFacts, { done, lines, also }: Outcome): string {
  const { file, subject, fingerprint, until } = authority
  const facts = [file, `  ${subject}, until ${until.slice(0, 10)}`, `  SHA-256 ${fingerprint}`]
  const own =
    lines.length === 0 ? [] : ['To trust it, run devk trust --install, or:', ...lines.map((line) => `  ${line}`)]
  const how = done === undefined ? own : [words[done].done]
  return [...facts, '', ...how, ...(also === undefined ? [] : [also])].join('\n')
}

/**
 * The programs for trusted authorities that are installed. Also looks in the sbin folders, which are often not in a
 * user's PATH.
 */
async function programsOf({ env }: CliContext): Promise<Set<string>> {
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const found = new Set<string>()
  for (const program of ['update-ca-certificates', 'trust']) {
    for (const folder of folders) {
      const executable = await access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      )
      if (executable) found.add(program)
    }
  }
  return found
}
