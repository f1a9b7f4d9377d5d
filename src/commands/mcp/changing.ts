import { PassThrough } from 'node:stream'
import type { JsonSchema } from '../../config/json-schema.ts'
import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { bound, captured } from '../actions/captured.ts'
import { perform } from '../actions/perform.ts'
import { previewOf } from '../actions/preview.ts'
import type { ActionRequest } from '../actions/request.ts'
import { actionIn } from '../actions/request.ts'
import { runExec } from '../exec.ts'
import { runTrigger } from '../loop.ts'
import { inputOf, inputs } from './inputs.ts'
import { type Tool, type ToolInput, untrusted } from './tool.ts'

const dryRun: JsonSchema = { type: 'boolean', description: 'Only say what it would do.' }

/** The tools that change the stack. Each needs to be named with `--allow`. */
export const changingTools: readonly Tool[] = [
  tool('restart', 'Replaces the pods of a service one by one, and waits until they are ready.', {
    service: inputs.service,
  }),
  tool('rebuild', 'Lets the running devk build the image of a service and deploy it. Follow it with `saves`.', {
    service: inputs.service,
  }),
  tool('rollback', 'Deploys an earlier revision of a service, and waits until it is ready.', {
    service: inputs.service,
    revision: inputs.revision,
  }),
  tool('run', 'Runs a job once, and gives its last lines and its exit code.', { job: inputs.job }),
  {
    name: 'trigger',
    description: 'Sends the saves of a service that wait: it has `trigger: manual`, or devk is paused.',
    input: inputOf({ service: inputs.service }, ['service']),
    changes: true,
    run: (ctx, { service }) => captured(ctx, bound(runTrigger, [String(service)], {})),
  },
  {
    name: 'exec',
    description: 'Runs a command in the newest ready pod of a service, without a shell and without input.',
    input: inputOf({ service: inputs.service, command: inputs.command, container: inputs.container }, [
      'service',
      'command',
    ]),
    changes: true,
    run: exec,
  },
]

function tool(
  action: ActionRequest['action'],
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
): Tool {
  const [name = ''] = Object.keys(properties)
  return {
    name: action === 'run' ? 'run_job' : action,
    description,
    input: inputOf({ ...properties, dry_run: dryRun }, [name]),
    changes: true,
    run: (ctx, input) => act(ctx, { action, name: input[name], to: input.revision }, input),
  }
}

async function act(ctx: CliContext, asked: object, { dry_run }: ToolInput): Promise<unknown> {
  const request = actionIn(asked)
  if (request === undefined) throw new DevkError('USAGE', 'This is no name of a service or job')
  if (dry_run === true) return previewOf(ctx, request)
  const { ok, exitCode, text, hint } = await perform(ctx, request)
  if (request.action !== 'run') return { ok, text, hint }
  return { ok, exit_code: exitCode, hint, output: outputOf(text) }
}

async function exec(ctx: CliContext, { service, command, container }: ToolInput): Promise<object> {
  const args = [String(service), ...(command as readonly string[])]
  const flags = { tty: false, ...(container === undefined ? {} : { container: String(container) }) }
  const stdin = Object.assign(new PassThrough().end(), { isTTY: false })
  let exitCode: number | undefined
  const { ok, text, hint } = await captured({ ...ctx, stdin }, async (quiet) => {
    exitCode = await runExec(quiet, args, flags)
    return exitCode
  })
  return exitCode === undefined ? { ok, text, hint } : { exit_code: exitCode, output: outputOf(text) }
}

/** The last lines that a program has written. */
const outputOf = (text: string) => untrusted({ lines: text.trimEnd().split('\n').slice(-200) })
