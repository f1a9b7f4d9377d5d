import { type Command, Option } from 'commander'
import type { Bind } from './commands.ts'
import { addLoopCommands } from './loop-verbs.ts'
import {
  durationOption,
  examples,
  json,
  numberOption,
  overlay,
  patternOption,
  profile,
  timing,
  traceSaves,
  yes,
  yesHere,
} from './options.ts'

/** The commands that change the stack or run something in it. */
export function addStackCommands(program: Command, bind: Bind): void {
  const up = program
    .command('up')
    .description(
      'bring the stack up (tools, cluster, presets, images, services), then watch the source and sync changes',
    )
    .argument('[service...]', 'only these services and their dependencies; default: all')
    .option('-d, --detach', 'exit when everything is ready', false)
    .option('--keep', 'with -d: stay in the background, with forwards and syncing; see devk attach and stop', false)
    .addOption(new Option('--background <id>').hideHelp())
    .option('--no-watch', 'keep forwards and logs running, but do not watch the source')
    .option(...timing)
    .option(...traceSaves)
    .option('--strict', 'fail if a preset is not ready', false)
    .option('--prune-data', 'also delete the data of presets that are no longer configured', false)
    .option(...profile)
    .option(...overlay)
    .option('--no-fit', 'continue even if the pods do not fit on the nodes')
    .option('--allow-context <name>', 'agree to the use of this existing cluster; asked otherwise')
    .option('--allow-production <name>', 'the same for a context that looks like production')
    .option(...yesHere)
    .option(...json)
    .addOption(durationOption('--timeout <duration>', 'how long to wait for readiness, such as 10m'))
    .addHelpText(
      'after',
      examples(
        'devk up',
        'devk up backend --detach',
        'devk up --detach --json',
        'devk up --detach --keep && devk attach',
        'devk up --overlay production',
        'devk up --yes --timeout 20m',
      ),
    )
  bind(up, 'up')

  const down = program
    .command('down')
    .description(
      'remove everything that devk created for this project, and nothing else; end the devk that stays with it',
    )
    .option('--keep-cluster', 'remove services and presets, but keep the cluster', false)
    .option('--prune-data', 'with --keep-cluster: also delete volume claims', false)
    .option('--dry-run', 'only list what would be removed', false)
    .option(...json)
    .addHelpText('after', examples('devk down', 'devk down --dry-run', 'devk --project todo down'))
  bind(down, 'down')

  addLoopCommands(program, bind)

  const restart = program
    .command('restart')
    .description('restart the pods of services, and wait until they are ready')
    .argument('[service...]', 'names of services; default: all')
    .option(...json)
    .addOption(durationOption('--timeout <duration>', 'how long to wait for readiness, such as 2m'))
    .addHelpText('after', examples('devk restart backend', 'devk restart --timeout 2m'))
  bind(restart, 'restart')

  const run = program
    .command('run')
    .description('run a job once, in the cluster or on this machine, and exit with its exit code')
    .argument('<job>', 'name under `jobs` in the configuration, or of a service that is a Job or CronJob')
    .argument('[argument...]', "arguments to add to the job's command, after --")
    .option(...profile)
    .option(...json)
    .addOption(durationOption('--timeout <duration>', 'stop the job after this time, such as 5m'))
    .addHelpText('after', examples('devk run migrate', 'devk run seed -- --rows 1000', 'devk run seed --json'))
  bind(run, 'run')

  const exec = program
    .command('exec')
    .description('run a command in a container of a service, and exit with its exit code')
    .argument('<service>', 'name of the service')
    .argument('<command...>', 'the command and its arguments, after --')
    .option('-c, --container <name>', 'name of the container; default: the first one')
    .option('--no-tty', 'do not allocate a terminal for the command')
    .addHelpText('after', examples('devk exec backend -- sh', 'devk exec backend -- python -m pytest -x'))
  bind(exec, 'exec')

  const cp = program
    .command('cp')
    .description('copy files between this machine and a container of a service')
    .argument('<source>', 'a path of this machine, or SERVICE:PATH in a container')
    .argument('<target>', 'the other of the two; a folder that is there gets the source into it')
    .option('-c, --container <name>', 'name of the container; default: the first one')
    .option(...json)
    .addHelpText(
      'after',
      examples('devk cp backend:/app/report.csv .', 'devk cp seed.sql postgres:/tmp/', 'devk cp web:/app/dist ./dist'),
    )
  bind(cp, 'cp')
}

/** The commands that only read, and those that work on the machine and not on the stack. */
export function addReadingCommands(program: Command, bind: Bind): void {
  const status = program
    .command('status')
    .description('show the state of services, presets, externals and forwards, with the reason if one is not ready')
    .option(...json)
    .addHelpText('after', examples('devk status', "devk status --json | jq '.services[].state'"))
  bind(status, 'status')

  const top = program
    .command('top')
    .description('show what services, presets, externals and nodes use of CPU and memory, beside their requests')
    .argument('[service...]', 'names of services; default: all')
    .option('--pods', 'also show a line for each pod', false)
    .option(...json)
    .addHelpText('after', examples('devk top', 'devk top backend --pods', "devk top --json | jq '.nodes'"))
  bind(top, 'top')

  const logs = program
    .command('logs')
    .description('print the logs of services and other workloads, from all replicas and across restarts')
    .argument('[service...]', 'services, externals, jobs, workloads, pods, locals; default: services and locals')
    .option('-f, --follow', 'keep printing new lines', false)
    .addOption(durationOption('--since <duration>', 'only lines newer than this, such as 5m'))
    .addOption(numberOption('--tail <lines>', 'only this number of existing lines'))
    .addOption(patternOption('--grep <pattern>', 'only lines that match this regular expression'))
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', examples('devk logs -f', 'devk logs backend --since 5m --grep "ERROR|Traceback"'))
  bind(logs, 'logs')

  const doctor = program
    .command('doctor')
    .description(
      'check the engine, kernel limits, tools, disk space and access to registries, and show how to fix problems',
    )
    .option('--fix', 'fix what devk can fix', false)
    .option('--network-policies', 'also test whether the running cluster enforces network policies', false)
    .option(...yes)
    .option(...json)
    .addHelpText('after', examples('devk doctor', 'devk doctor --fix', 'devk doctor --network-policies'))
  bind(doctor, 'doctor')

  const init = program
    .command('init')
    .description('write a platform.config.ts for the Dockerfiles and manifests in this folder')
    .option('-y, --yes', 'write the file without asking', false)
    .option('--manifests <path...>', 'deploy these files or folders of manifests')
    .option('--kustomize <folder...>', 'deploy these kustomizations')
    .option('--chart <folder...>', 'deploy these Helm charts')
    .option('--values <file...>', 'files with values for the charts')
    .option(
      '--from <tool...>',
      'of other tools, read only these: skaffold, tilt, devspace, okteto, compose, devcontainer, procfile',
    )
    .option('--image <name=dockerfile...>', 'the Dockerfile that builds an image of the manifests')
    .option('--analyze', 'print what was found as JSON, and write nothing', false)
    .option(
      '--check',
      'say what the configuration of this folder does not use; exit with 1 if there is anything',
      false,
    )
    .option(...json)
    .addHelpText(
      'after',
      examples(
        'devk init',
        'devk init --yes',
        'devk init --image shop-api=services/api/Dockerfile',
        'devk init --check',
      ),
    )
  bind(init, 'init')

  const fetch = program
    .command('fetch')
    .description('fetch the Helm charts that the configuration names, and the dependencies of charts')
    .argument('[release...]', 'names of Helm releases; default: all')
    .option('--update', 'take the newest versions that the configuration allows, and renew devk.lock', false)
    .option(...profile)
    .option(...overlay)
    .option(...json)
    .addHelpText('after', examples('devk fetch', 'devk fetch --update redis'))
  bind(fetch, 'fetch')

  const config = program.command('config').description('print the configuration as devk reads it')
  const show = config
    .command('show', { isDefault: true })
    .description('print the configuration with all defaults as JSON')
    .option(...profile)
    .option(...json)
    .addHelpText('after', examples('devk config', 'devk config show --profile ci --json'))
  bind(show, 'config show')
  const schema = config
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .addHelpText('after', examples('devk config schema > devk.schema.json'))
  bind(schema, 'config schema')

  const allow = program
    .command('allow')
    .description('allow devk to run the configuration of this folder as it is now, if it is code; runs nothing')
    .argument('[path...]', 'allow the configuration to use these files and folders outside of its repository instead')
    .option(...json)
    .addHelpText('after', examples('devk allow', 'devk --config staging.config.ts allow', 'devk allow ../shared/.env'))
  bind(allow, 'allow')
  const deny = program
    .command('deny')
    .description('take back all consent for the configuration: to run it, to use paths outside, and to fetch')
    .option(...json)
    .addHelpText('after', examples('devk deny'))
  bind(deny, 'deny')

  const prune = program
    .command('prune')
    .description('remove what devk created and no project uses: records, images and entries of the registry')
    .option('--dry-run', 'only list what would be removed', false)
    .option(...json)
    .addHelpText('after', examples('devk prune', 'devk prune --dry-run'))
  bind(prune, 'prune')

  const kit = program
    .command('kit')
    .description('build images and tools from packages, for machines without access to a container registry')
  const kitStatus = kit
    .command('status')
    .description('list what is built and what is missing')
    .option(...json)
    .addHelpText('after', examples('devk kit status'))
  bind(kitStatus, 'kit status')
  const build = kit
    .command('build')
    .description('build what is missing; continues where it was interrupted')
    .argument('[image...]', 'names from devk kit status; default: what most projects need')
    .option('--force', 'build existing images again', false)
    .option(...yes)
    .addHelpText('after', examples('devk kit build', 'devk kit build postgres:17'))
  bind(build, 'kit build')
}
