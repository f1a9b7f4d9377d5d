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

export interface TrustFlags {
  /** Adds the authority to those that this machine trusts. */
  readonly install: boolean
  /** Takes it away from them. */
  readonly remove: boolean
}

/**
 * `devk trust`: where the authority's certificate is, and how this machine comes to trust it; with --install it does so, and with
 * --remove it undoes that, when the user agrees. Throws CONFIG_NOT_FOUND while there is no authority.
 */
export const runTrust: CommandFunction<TrustFlags> = async (ctx, _args, { install, remove }) => {
  if (install && remove) throw new DevkError('USAGE', '--install and --remove exclude each other')
  const folder = ctx.paths.authority
  const authority = await readAuthority(folder, new Date(ctx.clock()))
  if (authority === undefined) {
    throw new DevkError('CONFIG_NOT_FOUND', 'There is no certificate authority yet', {
      hint: 'The preset tls makes it: devk preset add tls, then devk up.',
    })
  }
  const file = authorityFiles(folder).certificate
  const { subject, fingerprint, fingerprint256, validToDate } = new X509Certificate(authority.certificate)
  const change = remove ? 'remove' : 'install'
  const its = { file, sha1: fingerprint.replaceAll(':', '') }
  const steps = trustSteps(change, process.platform, its, await programsOf(ctx))
  const root = steps?.root === true && userId() !== 0
  const lines = (steps?.commands ?? []).map((argv) => `${root ? 'sudo ' : ''}${argv.join(' ')}`)
  const told = {
    file,
    subject: subject.replaceAll('\n', ', '),
    fingerprint: fingerprint256,
    until: validToDate.toISOString(),
  }
  const done = install || remove ? change : undefined
  if (done !== undefined) await carryOut(ctx, done, { steps, lines, root })
  if (ctx.json) await writeJson(ctx.stdout, { ...told, commands: lines, installed: install, removed: remove })
  else await writeText(ctx.stdout, `${text(told, { done, lines, also: steps?.also })}\n`)
  return 0
}

/** What is asked before a change, and said after it. */
const words: Readonly<
  Record<TrustChange, { readonly asked: string; readonly refused: string; readonly done: string }>
> = {
  install: {
    asked: 'Every program of this machine will trust certificates of this authority.',
    refused: 'The authority was not installed',
    done: '✔ Programs that use the list of this machine trust it',
  },
  remove: {
    asked: 'No program of this machine will trust certificates of this authority any more.',
    refused: 'The authority was not removed',
    done: '✔ Programs that use the list of this machine do not trust it any more',
  },
}

interface Way {
  readonly steps: TrustSteps | undefined
  readonly lines: readonly string[]
  /** Whether root is needed, and the user is not. */
  readonly root: boolean
}

async function carryOut(ctx: CliContext, change: TrustChange, { steps, lines, root }: Way): Promise<void> {
  if (steps === undefined) {
    throw new DevkError('TOOL_MISSING', 'devk knows no program here that keeps the authorities that are trusted', {
      hint: 'Install ca-certificates (update-ca-certificates) or p11-kit (trust).',
    })
  }
  if (root) {
    throw new DevkError('COMMAND_FAILED', 'The authorities that are trusted are for root to change here', {
      details: ['Nothing was changed.'],
      hint: `Run it yourself: ${lines.join(' && ')}`,
    })
  }
  if (!(await confirm(ctx, `${words[change].asked} ${lines.join(' && ')}?`))) {
    throw new DevkError('USAGE', words[change].refused, {
      details: ['Nobody agreed, and nothing was changed.'],
      hint: 'Answer y, or add --yes.',
    })
  }
  for (const [command = '', ...args] of steps.commands) {
    const { exitCode, stderr } = await ctx.runner.run(command, args, { signal: ctx.signal })
    if (exitCode === 0) continue
    throw new DevkError('COMMAND_FAILED', `${command} ended with exit code ${exitCode}`, { details: [stderr.trim()] })
  }
}

interface Told {
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

function text(told: Told, { done, lines, also }: Outcome): string {
  const { file, subject, fingerprint, until } = told
  const facts = [file, `  ${subject}, until ${until.slice(0, 10)}`, `  SHA-256 ${fingerprint}`]
  const own =
    lines.length === 0 ? [] : ['To trust it (devk trust --install does the same):', ...lines.map((line) => `  ${line}`)]
  const how = done === undefined ? own : [words[done].done]
  return [...facts, '', ...how, ...(also === undefined ? [] : [also])].join('\n')
}

/** Those of the programs for trust that are on PATH; their usual folders count too, which users' PATHs often leave out. */
async function programsOf({ env }: CliContext): Promise<Set<string>> {
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const found = new Set<string>()
  for (const program of ['update-ca-certificates', 'trust']) {
    for (const folder of folders) {
      const there = await access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      )
      if (there) found.add(program)
    }
  }
  return found
}
