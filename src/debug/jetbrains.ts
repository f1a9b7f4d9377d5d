import { DevkError } from '../errors.ts'
import { type Attachable, launchName, type Runtime } from './launch.ts'

/** The file of a run configuration that JetBrains IDEs read, relative to the folder of the project. */
export function jetbrainsFile(service: string): string {
  return `.idea/runConfigurations/devk_${service.replaceAll(/[^\w]/g, '_')}.xml`
}

/** Why JetBrains IDEs do not attach to the debuggers of some runtimes. */
const refusals: Partial<Record<Runtime, string>> = {
  python: 'PyCharm does not attach to debugpy: its own debugger connects from the program to it',
  ruby: 'RubyMine does not attach to the gem debug: it has a debugger of its own',
}

/** Whether JetBrains IDEs attach to the debugger of a runtime. Pure. */
export function canJetbrains(runtime: Runtime): boolean {
  return refusals[runtime] === undefined
}

/** Throws USAGE for a runtime whose debugger JetBrains IDEs do not attach to. Pure. */
export function requireJetbrains(runtime: Runtime): void {
  const refusal = refusals[runtime]
  if (refusal === undefined) return
  throw new DevkError('USAGE', refusal, {
    details: ['Nothing was changed.'],
    hint: 'Run devk debug without --write, or with --write vscode.',
  })
}

/** The run configuration of WebStorm, GoLand, IntelliJ IDEA and their siblings that attaches to a debugger. Pure. */
export function jetbrainsText(about: Attachable): string {
  if (about.runtime === 'go') return goText(about)
  return about.runtime === 'jvm' ? jvmText(about) : nodeText(about)
}

/** "Go Remote", which finds the sources itself, and leaves the program running when it disconnects. */
function goText({ service, port }: Attachable): string {
  return `<component name="ProjectRunConfigurationManager">
  <configuration default="false" name="${xml(launchName(service))}" type="GoRemoteDebugConfigurationType" \
factoryName="Go Remote" host="127.0.0.1" port="${port}">
    <option name="disconnectOption" value="LEAVE" />
    <disconnect value="LEAVE" />
    <method v="2" />
  </configuration>
</component>
`
}

/** "Remote JVM Debug", which finds the sources by the names of their classes. */
function jvmText({ service, port }: Attachable): string {
  return `<component name="ProjectRunConfigurationManager">
  <configuration default="false" name="${xml(launchName(service))}" type="Remote" factoryName="Remote JVM Debug">
    <option name="USE_SOCKET_TRANSPORT" value="true" />
    <option name="SERVER_MODE" value="false" />
    <option name="HOST" value="127.0.0.1" />
    <option name="PORT" value="${port}" />
    <option name="AUTO_RESTART" value="true" />
    <method v="2" />
  </configuration>
</component>
`
}

/** "Attach to Node.js/Chrome". */
function nodeText({ service, port, mappings }: Attachable): string {
  const maps = mappings.map(({ local, remote }) => {
    const here = local === '.' ? '$PROJECT_DIR$' : `$PROJECT_DIR$/${local}`
    return `    <mapping url="file://${xml(remote)}" local-file="${xml(here)}" />\n`
  })
  return `<component name="ProjectRunConfigurationManager">
  <configuration default="false" name="${xml(launchName(service))}" type="ChromiumRemoteDebugType" \
factoryName="Chromium Remote" port="${port}" restartOnDisconnect="true">
${maps.join('')}    <method v="2" />
  </configuration>
</component>
`
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
