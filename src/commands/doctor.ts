import { statfs } from 'node:fs/promises'
import type { CliContext, CommandFunction } from '../cli/context.ts'
import type { DoctorFlags } from '../cli/flags.ts'
import { DevkError } from '../errors.ts'
import { type KernelFinding, kernelFindings, mend } from '../host/kernel.ts'
import { dockerEngine } from '../images/engine.ts'
import type { EngineInfo } from '../images/store.ts'
import { colors } from '../lib/colors.ts'
import { bytes } from '../lib/text.ts'
import { readyEngine } from './engine.ts'
import { write, writeJson } from './output.ts'

interface Finding {
  readonly id: string
  readonly title: string
  readonly level: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly why?: string
  readonly fix?: string
}

/** `devk doctor`: what of this machine keeps local clusters from working; with --fix it mends what it can. Exit code 1 on a failure. */
export const runDoctor: CommandFunction<DoctorFlags> = async (ctx, _args, flags) => {
  const say = (line: string) => void ctx.stderr.write(`  ${line}\n`)
  if (flags.fix) {
    await readyEngine({ ...ctx, yes: true }, ctx.json ? () => {} : say)
    for (const finding of await kernelFindings()) await mend(finding, ctx.runner, ctx.signal)
  }
  const findings = await examine(ctx)
  if (ctx.json) await writeJson(ctx.stdout, { findings })
  else await write(ctx.stdout, findings.map((finding) => findingText(finding, ctx.color)).join(''))
  return findings.some(({ level }) => level === 'fail') ? 1 : 0
}

async function examine(ctx: CliContext): Promise<Finding[]> {
  const engine = await dockerEngine(ctx.env)
    .images.info(ctx.signal)
    .catch((error: unknown) => error)
  const kernel = (await kernelFindings()).map(kernelFinding)
  if (!(engine !== null && typeof engine === 'object' && 'version' in engine)) {
    const detail = engine instanceof Error ? engine.message : 'no answer'
    const fix = engine instanceof DevkError ? engine.hint : undefined
    return [
      { id: 'engine', title: 'Docker engine', level: 'fail', detail, ...(fix === undefined ? {} : { fix }) },
      ...kernel,
    ]
  }
  const info = engine as EngineInfo
  const kernelLimits = ['inotify', 'cgroups'].filter((id) => !kernel.some((finding) => finding.id === id))
  const titles: Record<string, string> = { inotify: 'inotify', cgroups: `Control groups v${info.cgroupVersion}` }
  return [
    engineFinding(info),
    ...kernel,
    ...kernelLimits.map((id): Finding => ({ id, title: titles[id] ?? id, level: 'ok', detail: 'enough' })),
    await disk(info.rootDir),
    memory(info),
  ]
}

function kernelFinding({ id, title, detail, why, fixes }: KernelFinding): Finding {
  return { id, title, level: 'fail', detail, why, fix: fixes.map((argv) => argv.join(' ')).join(' && ') }
}

function engineFinding(info: EngineInfo): Finding {
  const fits = Number.parseInt(info.version, 10) >= 23
  const base = { id: 'engine', title: 'Docker engine', detail: `${info.version}, ${info.os}/${info.arch}` }
  return fits
    ? { ...base, level: 'ok' }
    : { ...base, level: 'fail', why: 'devk needs 23 or newer', fix: 'upgrade Docker' }
}

const gib = 1024 ** 3

async function disk(folder: string): Promise<Finding> {
  const stats = await statfs(folder).catch(() => undefined)
  if (stats === undefined) return { id: 'disk', title: 'Disk', level: 'ok', detail: `${folder} is not on this machine` }
  const free = stats.bavail * stats.bsize
  const detail = `${bytes(free)} free in ${folder}, where images live`
  if (free > 15 * gib) return { id: 'disk', title: 'Disk', level: 'ok', detail }
  const why = 'nodes evict pods when the disk is nearly full, and builds fail'
  return { id: 'disk', title: 'Disk', level: free < 3 * gib ? 'fail' : 'warn', detail, why, fix: 'docker system prune' }
}

function memory({ memoryBytes, cpus }: EngineInfo): Finding {
  const level = memoryBytes < 4 * gib ? 'warn' : 'ok'
  const detail = `${bytes(memoryBytes)}, ${cpus} processors for the engine`
  return {
    id: 'memory',
    title: 'Memory',
    level,
    detail,
    ...(level === 'ok' ? {} : { why: 'a node alone takes about 0.7 GiB' }),
  }
}

function findingText({ title, level, detail, why, fix }: Finding, color: boolean): string {
  const paint = colors(color)
  const mark = { ok: paint.green('✔'), warn: paint.yellow('!'), fail: paint.red('✖') }[level]
  const more = [why, fix && `fix: ${fix}`]
    .filter((line) => line !== undefined)
    .map((line) => `                      ${line}\n`)
  return `${mark} ${title.padEnd(19)} ${detail}\n${more.join('')}`
}
