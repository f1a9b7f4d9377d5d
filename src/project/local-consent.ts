import { realpath } from 'node:fs/promises'
import { extname, relative } from 'node:path'
import { digestOf, scripts } from '../config/code.ts'
import type { LoadedConfig, Local } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { isWithin } from '../lib/paths.ts'
import { allowCommands, unallowedCommands } from '../state/allowed.ts'
import { ask } from '../terminal/confirm.ts'
import { requireOwnCode } from './consent.ts'

/** A command of a configuration that would run on this machine. */
interface AskedCommand {
  /** Identifies the command with its folder and variables. */
  readonly id: string
  readonly text: string
}

/** Which commands of a configuration would run, besides those that make images. */
export interface CommandUse {
  /** Those of `build.local`, after saves. */
  readonly saves: boolean
  /** Those of `locals`, beside the pods. */
  readonly programs: boolean
  /** False: nobody can be asked. */
  readonly mayAsk: boolean
}

/**
 * Asks whether the commands of `build.command`, `build.local` and `locals` may run on this machine, unless this user
 * has allowed exactly these before. `--yes` allows those in the folder that devk was called in. A configuration that is
 * code has been agreed to as a whole. Throws CONFIG_UNTRUSTED if the user does not agree, if there is no terminal to
 * ask on, and if devk runs as root and somebody else can change the configuration.
 */
export async function requireAgreedCommands(
  ctx: CliContext,
  config: LoadedConfig,
  { mayAsk, ...use }: CommandUse = everything,
): Promise<void> {
  if (scripts.has(extname(config.file))) return
  await requireAgreed(ctx, config, { commands: commandsOf(config, use), mayAsk })
}

/** The same for the command of one job, if it runs on this machine. */
export async function requireAgreedJob(ctx: CliContext, config: LoadedConfig, name: string): Promise<void> {
  if (scripts.has(extname(config.file))) return
  await requireAgreed(ctx, config, { commands: jobsOf(config, [name]), mayAsk: true })
}

async function requireAgreed(
  ctx: CliContext,
  config: LoadedConfig,
  { commands, mayAsk }: { readonly commands: readonly AskedCommand[]; readonly mayAsk: boolean },
): Promise<void> {
  if (commands.length === 0) return
  await requireOwnCode(ctx, { file: config.file, files: new Map([[config.file, '']]) })
  const { allowed } = ctx.paths
  const unknown = new Set(
    await unallowedCommands(
      allowed,
      config.root,
      commands.map(({ id }) => id),
    ),
  )
  const asked = commands.filter(({ id }) => unknown.has(id))
  if (asked.length === 0) return
  const isHere = ctx.yes && isWithin(config.file, await realpath(ctx.cwd))
  if (!isHere && !(mayAsk && (await agrees(ctx, asked)))) throw untrusted(ctx, asked)
  await allowCommands(allowed, config.root, [...unknown])
}

/** Remembers that the user allowed the commands of a configuration. Returns them as texts. Throws CONFIG_UNTRUSTED. */
export async function agreeToCommands(ctx: CliContext, config: LoadedConfig): Promise<string[]> {
  const commands = [...commandsOf(config), ...jobsOf(config, Object.keys(config.jobs))]
  if (commands.length > 0) await requireOwnCode(ctx, { file: config.file, files: new Map([[config.file, '']]) })
  await allowCommands(
    ctx.paths.allowed,
    config.root,
    commands.map(({ id }) => id),
  )
  return commands.map(({ text }) => text)
}

const everything: CommandUse = { saves: true, programs: true, mayAsk: true }

/** The commands, each with its folder and what it adds to the environment. Pure. */
function commandsOf(
  config: LoadedConfig,
  { saves, programs }: Pick<CommandUse, 'saves' | 'programs'> = everything,
): AskedCommand[] {
  const builds = Object.entries(config.services).flatMap(([name, { build }]) => {
    const { command, env = {}, local, context: cwd = '' } = build ?? {}
    return [
      ...(command === undefined ? [] : [askedOf(config, `services.${name}`, { command, env, cwd })]),
      ...(local === undefined || !saves ? [] : [askedOf(config, `services.${name}`, { ...local, cwd })]),
    ]
  })
  const beside = programs ? Object.entries(config.locals) : []
  return [...builds, ...beside.map(([name, local]) => askedOf(config, `locals.${name}`, local))]
}

/** The commands of those of the jobs that run on this machine. Pure. */
function jobsOf(config: LoadedConfig, names: readonly string[]): AskedCommand[] {
  return names.flatMap((name) => {
    const job = config.jobs[name]
    return job?.local ? [askedOf(config, `jobs.${name}`, job)] : []
  })
}

type Command = Pick<Local, 'command' | 'env' | 'cwd'>

function askedOf({ root }: LoadedConfig, where: string, command: Command): AskedCommand {
  const { command: argv, env, cwd } = command
  const id = digestOf(Buffer.from(JSON.stringify([cwd, argv, Object.entries(env).sort()])))
  return { id, text: `${where}: ${shown(command)} in ${relative(root, cwd) || '.'}` }
}

function shown({ command, env }: Command): string {
  const words = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...command]
  return words.map((each) => (/^[\w@%+=:,./-]+$/.test(each) ? each : JSON.stringify(each))).join(' ')
}

async function agrees(ctx: CliContext, asked: readonly AskedCommand[]): Promise<boolean> {
  if (!ctx.isTTY) return false
  const list = asked.map(({ text }) => `  ${text}`).join('\n')
  ctx.stderr.write(`\ndevk runs programs of this project on this machine:\n\n${list}\n\n`)
  return ask(ctx, 'Do you trust them?')
}

function untrusted({ configFile }: CliContext, asked: readonly AskedCommand[]): DevkError {
  const config = configFile === undefined ? '' : ` --config ${configFile}`
  return new DevkError(
    'CONFIG_UNTRUSTED',
    'The configuration names commands for this machine that you have not allowed',
    {
      details: [...asked.map(({ text }) => text), 'Nothing was run.'],
      hint: `Read them, then allow them: devk allow${config}. It asks again when they change.`,
    },
  )
}
