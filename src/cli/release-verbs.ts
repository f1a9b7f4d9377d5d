import type { Command } from 'commander'
import { durationOption, examples, json, numberOption, overlay, profile } from './options.ts'
import type { Bind } from './verbs.ts'

/** The commands that release, on the cluster's own revisions. */
export function addReleaseCommands(program: Command, bind: Bind): void {
  const plan = program
    .command('plan')
    .description('what up would change, object by object, and the rules that fit it to this machine; changes nothing')
    .option(...overlay)
    .option(...profile)
    .option(...json)
    .addHelpText('after', examples('devk plan', 'devk plan --overlay production', "devk plan --json | jq '.changes[]'"))
  bind(plan, 'plan')

  const history = program
    .command('history')
    .description('the revisions of services that the cluster keeps, newest first')
    .argument('[service...]', 'default: all')
    .option(...json)
    .addHelpText('after', examples('devk history', 'devk history backend --json'))
  bind(history, 'history')

  const rollback = program
    .command('rollback')
    .description('go back to an earlier revision of a service, and wait until its pods are ready')
    .argument('<service>')
    .addOption(numberOption('--to <revision>', 'as devk history shows it; default: the one before'))
    .option('--workload <kind/name>', 'which one, for a service with several workloads')
    .addOption(durationOption('--timeout <duration>', 'how long to wait for readiness, such as 2m'))
    .option(...json)
    .addHelpText('after', examples('devk rollback backend', 'devk rollback backend --to 3'))
  bind(rollback, 'rollback')

  const promote = program
    .command('promote')
    .description('let a Rollout of Argo that waits go on to its next pause, and wait until it is there')
    .argument('<service>')
    .option('--full', 'go on to the end, over all further pauses', false)
    .option('--workload <kind/name>', 'which one, for a service with several workloads')
    .addOption(durationOption('--timeout <duration>', 'how long to wait for readiness, such as 2m'))
    .option(...json)
    .addHelpText('after', examples('devk promote backend', 'devk promote backend --full'))
  bind(promote, 'promote')

  const change = program
    .command('switch')
    .description(
      'let a Service choose another colour (blue-green): proves it first, watches it, and goes back by itself',
    )
    .argument('<service>', 'of the configuration, or the name of the Kubernetes Service')
    .argument('[colour]', "value of the label in the Service's selector; without it, shows what there is")
    .option('--path <path>', 'ask each pod for this path; default: its readiness probe')
    .addOption(durationOption('--watch <duration>', 'how long to watch after the switch; default: 10s'))
    .addOption(durationOption('--timeout <duration>', 'how long the new colour may take to become ready, such as 2m'))
    .option(...json)
    .addHelpText(
      'after',
      examples('devk switch gateway', 'devk switch gateway green', 'devk switch gateway green --watch 1m'),
    )
  bind(change, 'switch')
}
