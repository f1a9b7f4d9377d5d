import type { Command } from 'commander'
import type { Commands } from './commands.ts'
import { durationOption, examples, json, numberOption, overlay, patternOption, profile, yes } from './options.ts'

/** Ties a described command to its function; given by program.ts. */
export type Bind = (command: Command, key: keyof Commands) => void

/** The commands that change or follow the stack. */
export function addStackCommands(program: Command, bind: Bind): void {
  const up = program
    .command('up')
    .description('bring the stack up: tools, cluster, presets, images, services; then watch and sync')
    .argument('[service...]', 'only these, and what they depend on')
    .option('-d, --detach', 'return when all is ready', false)
    .option('--no-watch', 'stay, with forwards and logs, but do not watch the source')
    .option('--strict', 'a preset that is not ready is a failure', false)
    .option('--prune-data', 'also delete the data of presets that are no longer configured', false)
    .option(...profile)
    .option(...overlay)
    .option('--no-fit', 'go on although the nodes seem too small for all pods')
    .option(...yes)
    .option(...json)
    .addOption(durationOption('--timeout <duration>', 'how long to wait for readiness, such as 10m'))
    .addHelpText(
      'after',
      examples(
        'devk up',
        'devk up backend --detach',
        'devk up --detach --json',
        'devk up --overlay production',
        'devk up --yes --timeout 20m',
      ),
    )
  bind(up, 'up')

  const down = program
    .command('down')
    .description('remove everything this project made, and nothing else')
    .option('--keep-cluster', 'remove the services and presets, keep the cluster', false)
    .option('--prune-data', 'with --keep-cluster, delete volume claims too', false)
    .option('--dry-run', 'only list what would be removed', false)
    .option(...json)
    .addHelpText('after', examples('devk down', 'devk down --dry-run', 'devk --project todo down'))
  bind(down, 'down')

  const dev = program
    .command('dev')
    .description('watch, sync, forward and show logs for a stack that is already up')
    .option(...profile)
    .option(...json)
    .addHelpText('after', examples('devk dev', 'devk dev --json'))
  bind(dev, 'dev')

  const restart = program
    .command('restart')
    .description('replace the pods of services, and wait until they are ready')
    .argument('[service...]', 'default: all')
    .option(...json)
    .addOption(durationOption('--timeout <duration>', 'how long to wait for readiness, such as 2m'))
    .addHelpText('after', examples('devk restart backend', 'devk restart --timeout 2m'))
  bind(restart, 'restart')

  const run = program
    .command('run')
    .description('run a job of the configuration once (migrations, seeds, tests); its exit code becomes that of devk')
    .argument('<job>', 'its name under `jobs`')
    .argument('[argument...]', "added to the job's command, after --")
    .option(...profile)
    .addOption(durationOption('--timeout <duration>', 'end the job after this time'))
    .addHelpText('after', examples('devk run migrate', 'devk run seed -- --rows 1000'))
  bind(run, 'run')

  const exec = program
    .command('exec')
    .description('run a command in the running container of a service; its exit code becomes that of devk')
    .argument('<service>')
    .argument('<command...>', 'after --')
    .option('-c, --container <name>', 'default: the first')
    .option('--no-tty', 'no terminal for the command')
    .addHelpText('after', examples('devk exec backend -- sh', 'devk exec backend -- python -m pytest -x'))
  bind(exec, 'exec')
}

/** The commands that only read, or that care for the machine. */
export function addReadingCommands(program: Command, bind: Bind): void {
  const status = program
    .command('status')
    .description('the state of services, presets, externals and forwards, with the reason for what is not ready')
    .option(...json)
    .addHelpText('after', examples('devk status', "devk status --json | jq '.services[].state'"))
  bind(status, 'status')

  const top = program
    .command('top')
    .description('the CPU and memory that services, presets, externals and nodes use, beside what they request')
    .argument('[service...]', 'default: all')
    .option('--pods', 'a line for each pod', false)
    .option(...json)
    .addHelpText('after', examples('devk top', 'devk top backend --pods', "devk top --json | jq '.nodes'"))
  bind(top, 'top')

  const logs = program
    .command('logs')
    .description('logs of services, over restarts and replicas')
    .argument('[service...]', 'default: all')
    .option('-f, --follow', 'stay and follow', false)
    .addOption(durationOption('--since <duration>', 'only newer than this, such as 5m'))
    .addOption(numberOption('--tail <lines>', 'start with the last lines'))
    .addOption(patternOption('--grep <pattern>', 'only lines that match this regular expression'))
    .option('--json', 'one JSON object a line')
    .addHelpText('after', examples('devk logs -f', 'devk logs backend --since 5m --grep "ERROR|Traceback"'))
  bind(logs, 'logs')

  const doctor = program
    .command('doctor')
    .description('check engine, kernel limits, tools, disk and registry reach, and say what to do')
    .option('--fix', 'do it', false)
    .option('--network-policies', 'also try on the cluster that is up whether it enforces network policies', false)
    .option(...yes)
    .option(...json)
    .addHelpText('after', examples('devk doctor', 'devk doctor --fix', 'devk doctor --network-policies'))
  bind(doctor, 'doctor')

  const init = program
    .command('init')
    .description('write a platform.config.ts from the Dockerfiles and manifests of this folder')
    .option('-y, --yes', 'write it without asking', false)
    .option(...json)
    .addHelpText('after', examples('devk init', 'devk init --yes', 'devk init --json'))
  bind(init, 'init')

  const config = program.command('config').description('the configuration, as devk understands it')
  const show = config
    .command('show', { isDefault: true })
    .description('print the resolved configuration')
    .option(...profile)
    .option(...json)
    .addHelpText('after', examples('devk config', 'devk config show --profile ci --json'))
  bind(show, 'config show')
  const schema = config
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .addHelpText('after', examples('devk config schema > devk.schema.json'))
  bind(schema, 'config schema')

  const prune = program
    .command('prune')
    .description('remove what devk made and no project uses any more: records, images, and what the registry keeps')
    .option('--dry-run', 'only list what would be removed', false)
    .option(...json)
    .addHelpText('after', examples('devk prune', 'devk prune --dry-run'))
  bind(prune, 'prune')

  const kit = program
    .command('kit')
    .description('images and tools for machines that reach package registries but no container registry')
  const kitStatus = kit
    .command('status')
    .description('what is built and what is missing')
    .option(...json)
    .addHelpText('after', examples('devk kit status'))
  bind(kitStatus, 'kit status')
  const build = kit
    .command('build')
    .description('build what is missing; it goes on where it was interrupted')
    .argument('[image...]', 'default: what most projects need; the rest is built when something names it')
    .option('--force', 'build again what is there', false)
    .option(...yes)
    .addHelpText('after', examples('devk kit build', 'devk kit build postgres:17'))
  bind(build, 'kit build')
}
