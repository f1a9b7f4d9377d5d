import { DevkError } from '../errors.ts'
import { type Attachable, launchName, type Runtime } from './launch.ts'

/** The file of a run configuration that JetBrains IDEs read, relative to the folder of the project. */
export function jetbrainsFile(service: string): string {
  return `.idea/runConfigurations/devk_${service.replaceAll(/[^\w]/g, '_')}.xml`
}

/** Throws USAGE for a runtime whose debugger JetBrains IDEs do not attach to. Pure. */
export function requireJetbrains(runtime: Runtime): void {
  if (runtime === 'node') return
  throw new DevkError('USAGE', 'PyCharm does not attach to debugpy: its own debugger connects from the program to it', {
    details: ['Nothing was changed.'],
    hint: 'Run devk debug without --write, or with --write vscode.',
  })
}

/** The run configuration "Attach to Node.js/Chrome" of WebStorm, IntelliJ IDEA and their siblings. Pure. */
export function jetbrainsText({ service, port, mappings }: Attachable): string {
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
