import type { Command } from 'commander'
import type { ConfigFlags } from '../commands/config.ts'
import type { CpFlags } from '../commands/cp.ts'
import type { DebugFlags } from '../commands/debug/debug.ts'
import type { DevFlags } from '../commands/dev.ts'
import type { DoctorFlags } from '../commands/doctor/doctor.ts'
import type { DownFlags } from '../commands/down.ts'
import type { ExecFlags } from '../commands/exec.ts'
import type { FetchFlags } from '../commands/fetch.ts'
import type { InitFlags } from '../commands/init/init.ts'
import type { KitBuildFlags } from '../commands/kit.ts'
import type { LogsFlags } from '../commands/logs/logs.ts'
import type { McpFlags } from '../commands/mcp/mcp.ts'
import type { PlanFlags } from '../commands/plan/plan.ts'
import type { PresetAddFlags } from '../commands/preset/entry.ts'
import type { PromoteFlags } from '../commands/promote.ts'
import type { PruneFlags } from '../commands/prune/prune.ts'
import type { RestartFlags } from '../commands/restart.ts'
import type { RollbackFlags } from '../commands/rollback.ts'
import type { RunFlags } from '../commands/run/run.ts'
import type { StartFlags } from '../commands/stop.ts'
import type { SwapFlags } from '../commands/swap/swap.ts'
import type { SwitchFlags } from '../commands/switch.ts'
import type { TopFlags } from '../commands/top/top.ts'
import type { TrustFlags } from '../commands/trust/trust.ts'
import type { UiFlags } from '../commands/ui/ui.ts'
import type { UpFlags } from '../commands/up.ts'
import type { CommandFunction, NoFlags } from '../context.ts'

type Loader<Flags> = () => Promise<CommandFunction<Flags>>

/** A loader for each command, so that devk loads only the command it runs. Tests pass fakes. */
export interface Commands {
  readonly up: Loader<UpFlags>
  readonly down: Loader<DownFlags>
  readonly dev: Loader<DevFlags>
  readonly status: Loader<NoFlags>
  readonly top: Loader<TopFlags>
  readonly ui: Loader<UiFlags>
  readonly mcp: Loader<McpFlags>
  readonly logs: Loader<LogsFlags>
  readonly exec: Loader<ExecFlags>
  readonly cp: Loader<CpFlags>
  readonly debug: Loader<DebugFlags>
  readonly swap: Loader<SwapFlags>
  readonly run: Loader<RunFlags>
  readonly trigger: Loader<NoFlags>
  readonly pause: Loader<NoFlags>
  readonly resume: Loader<NoFlags>
  readonly attach: Loader<NoFlags>
  readonly stop: Loader<NoFlags>
  readonly start: Loader<StartFlags>
  readonly restart: Loader<RestartFlags>
  readonly rollback: Loader<RollbackFlags>
  readonly promote: Loader<PromoteFlags>
  readonly history: Loader<NoFlags>
  readonly switch: Loader<SwitchFlags>
  readonly plan: Loader<PlanFlags>
  readonly fetch: Loader<FetchFlags>
  readonly doctor: Loader<DoctorFlags>
  readonly init: Loader<InitFlags>
  readonly 'config show': Loader<ConfigFlags>
  readonly 'config schema': Loader<NoFlags>
  readonly allow: Loader<NoFlags>
  readonly deny: Loader<NoFlags>
  readonly open: Loader<NoFlags>
  readonly trust: Loader<TrustFlags>
  readonly 'preset list': Loader<NoFlags>
  readonly 'preset show': Loader<NoFlags>
  readonly 'preset add': Loader<PresetAddFlags>
  readonly 'preset update': Loader<NoFlags>
  readonly 'preset outdated': Loader<NoFlags>
  readonly prune: Loader<PruneFlags>
  readonly 'kit status': Loader<NoFlags>
  readonly 'kit build': Loader<KitBuildFlags>
}

/** The commands that evaluate a configuration. */
export const evaluating: ReadonlySet<keyof Commands> = new Set([
  'up',
  'dev',
  'plan',
  'run',
  'debug',
  'fetch',
  'config show',
])

/** The real commands. */
export const commands: Commands = {
  up: async () => (await import('../commands/up.ts')).runUp,
  down: async () => (await import('../commands/down.ts')).runDown,
  dev: async () => (await import('../commands/dev.ts')).runDev,
  status: async () => (await import('../commands/status/status.ts')).runStatus,
  top: async () => (await import('../commands/top/top.ts')).runTop,
  ui: async () => (await import('../commands/ui/ui.ts')).runUi,
  mcp: async () => (await import('../commands/mcp/mcp.ts')).runMcp,
  logs: async () => (await import('../commands/logs/logs.ts')).runLogs,
  exec: async () => (await import('../commands/exec.ts')).runExec,
  cp: async () => (await import('../commands/cp.ts')).runCp,
  debug: async () => (await import('../commands/debug/debug.ts')).runDebug,
  swap: async () => (await import('../commands/swap/swap.ts')).runSwap,
  run: async () => (await import('../commands/run/run.ts')).runRun,
  trigger: async () => (await import('../commands/loop.ts')).runTrigger,
  pause: async () => (await import('../commands/loop.ts')).runPause,
  resume: async () => (await import('../commands/loop.ts')).runResume,
  attach: async () => (await import('../commands/attach.ts')).runAttach,
  stop: async () => (await import('../commands/stop.ts')).runStop,
  start: async () => (await import('../commands/stop.ts')).runStart,
  restart: async () => (await import('../commands/restart.ts')).runRestart,
  rollback: async () => (await import('../commands/rollback.ts')).runRollback,
  promote: async () => (await import('../commands/promote.ts')).runPromote,
  history: async () => (await import('../commands/history.ts')).runHistory,
  switch: async () => (await import('../commands/switch.ts')).runSwitch,
  plan: async () => (await import('../commands/plan/plan.ts')).runPlan,
  fetch: async () => (await import('../commands/fetch.ts')).runFetch,
  doctor: async () => (await import('../commands/doctor/doctor.ts')).runDoctor,
  init: async () => (await import('../commands/init/init.ts')).runInit,
  'config show': async () => (await import('../commands/config.ts')).runConfigShow,
  'config schema': async () => (await import('../commands/config.ts')).runConfigSchema,
  allow: async () => (await import('../commands/allow.ts')).runAllow,
  deny: async () => (await import('../commands/allow.ts')).runDeny,
  trust: async () => (await import('../commands/trust/trust.ts')).runTrust,
  open: async () => (await import('../commands/open.ts')).runOpen,
  'preset list': async () => (await import('../commands/preset/list.ts')).runPresetList,
  'preset show': async () => (await import('../commands/preset/list.ts')).runPresetShow,
  'preset add': async () => (await import('../commands/preset/add.ts')).runPresetAdd,
  'preset update': async () => (await import('../commands/preset/update.ts')).runPresetUpdate,
  'preset outdated': async () => (await import('../commands/preset/list.ts')).runPresetOutdated,
  prune: async () => (await import('../commands/prune/prune.ts')).runPrune,
  'kit status': async () => (await import('../commands/kit.ts')).runKitStatus,
  'kit build': async () => (await import('../commands/kit.ts')).runKitBuild,
}

/** Connects the description of a command to its function. */
export type Bind = (command: Command, key: keyof Commands) => void
