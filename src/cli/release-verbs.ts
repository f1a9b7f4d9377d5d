import type { Command } from 'commander'
import type { Bind } from './commands.ts'
import { durationOption, examples, json, numberOption, overlay, profile } from './options.ts'

/** The commands for releases: they work on the revisions that the cluster keeps. */
export function addReleaseCommands(program: Command, bind: Bind): void {
  const plan = program
    .command('plan')
    .description('show what up would change, and how rules adapt the manifests to this machine; changes nothing')
    .option(...overlay)
    .option(...profile)
    .option(...json)
    .addHelpText('after', examples('devk plan', 'devk plan --overlay production', "devk plan --json | jq '.changes[]'"))
  bind(plan, 'plan')

  const history = program
    .command('history')
    .description('list the revisions of services that the cluster keeps, newest first')
    .argument('[service...]', 'names of services; default: all')
    .option(...json)
    .addHelpText('after', examples('devk history', 'devk history backend --json'))
  bind(history, 'history')

  const rollback = program
    .command('rollback')
    .description('deploy an earlier revision of a service, and wait until its pods are ready')
    .argument('<service>', 'name of the service')
    .addOption(numberOption('--to <revision>', 'number from devk history; default: the previous revision'))
    .option('--workload <kind/name>', 'workload to use if the service has several, such as Deployment/api')
    .addOption(durationOption('--timeout <duration>', 'how long to wait for readiness, such as 2m'))
    .option(...json)
    .addHelpText('after', examples('devk rollback backend', 'devk rollback backend --to 3'))
  bind(rollback, 'rollback')

  const promote = program
    .command('promote')
    .description('promote a paused Argo Rollout to its next pause, and wait until it gets there')
    .argument('<service>', 'name of the service')
    .option('--full', 'promote to the end, past all further pauses', false)
    .option('--workload <kind/name>', 'workload to use if the service has several, such as Deployment/api')
    .addOption(durationOption('--timeout <duration>', 'how long to wait for readiness, such as 2m'))
    .option(...json)
    .addHelpText('after', examples('devk promote backend', 'devk promote backend --full'))
  bind(promote, 'promote')

  const change = program
    .command('switch')
    .description(
      'switch a Service to another colour (blue-green): test the colour, switch, watch it, and switch back if it fails',
    )
    .argument('<service>', 'name of a service of the configuration, or of a Kubernetes Service')
    .argument('[colour]', "value of the label in the Service's selector; default: list the colours")
    .option('--path <path>', 'HTTP path to request from each pod; default: its readiness probe')
    .addOption(durationOption('--watch <duration>', 'how long to watch the pods after the switch; default: 10s'))
    .addOption(
      durationOption('--timeout <duration>', 'how long to wait for the new colour to become ready, such as 2m'),
    )
    .option(...json)
    .addHelpText(
      'after',
      examples('devk switch gateway', 'devk switch gateway green', 'devk switch gateway green --watch 1m'),
    )
  bind(change, 'switch')
}
