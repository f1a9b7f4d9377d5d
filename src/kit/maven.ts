import { homedir } from 'node:os'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import { exists } from '../lib/paths.ts'
import type { Workshop } from './recipe.ts'

/** The image that `image-maven` makes. Trusted checksums need Maven 3.9, and few machines have it. */
export const mavenImage = 'kit/maven:3.9'

const checks = 'aether.artifactResolver.postProcessor.trustedChecksums'
const pins = 'aether.trustedChecksumsSource.summaryFile'

/**
 * The arguments with which Maven downloads what `/work/pom.xml` names to `/work/jars`. It compares each file, also
 * those of its own plugin, with its SHA-256 in `/work/checksums.sha256` before it uses it, and fails for a file that is
 * not in the list. With `-Daether.artifactResolver.postProcessor.trustedChecksums.record=true` it writes the list.
 */
export const mavenArgs: readonly string[] = [
  ...['--batch-mode', '--quiet', '--no-transfer-progress'],
  `-D${pins}=true`,
  `-D${pins}.basedir=/work`,
  // One list for all repositories: the settings of the user may name another one than Maven's own.
  `-D${pins}.originAware=false`,
  `-D${checks}=true`,
  `-D${checks}.checksumAlgorithms=SHA-256`,
  `-D${checks}.failIfMissing=true`,
  'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
  '-DincludeScope=runtime',
  '-DoutputDirectory=/work/jars',
]

/**
 * Downloads the packages of a folder of the kit with a `pom.xml` and `checksums.sha256`, with all that they depend on,
 * and copies the JAR files to the output. Maven runs in a container, with the `settings.xml` of the user. Throws
 * KIT_FAILED, also for a file with another content than the one that is listed.
 */
export async function downloadJars(work: Workshop, folder: string): Promise<void> {
  const name = `devk-kit-maven-${work.key}`
  const remove = (): Promise<unknown> => work.deps.runner.run('docker', ['rm', '-f', '-v', name])
  await remove()
  try {
    await work.exec('docker', ['create', '--name', name, mavenImage, ...mavenArgs])
    await work.exec('docker', ['cp', `${join(work.deps.kitDir, folder)}/.`, `${name}:/work`])
    const settings = join(homedir(), '.m2/settings.xml')
    if (await exists(settings)) await work.exec('docker', ['cp', settings, `${name}:/root/.m2/settings.xml`])
    await work.exec('docker', ['start', '--attach', name]).catch((error: unknown) => {
      throw isNotFound(error) ? cannotDownload(work, error) : error
    })
    await work.exec('docker', ['cp', `${name}:/work/jars/.`, work.out])
  } finally {
    await remove()
  }
}

/** Maven 3.9 with trusted checksums reports a null pointer, not the reason, for a file that it cannot download. */
function isNotFound(error: unknown): error is DevkError {
  return error instanceof DevkError && error.details.some((line) => line.includes('ArtifactResult.getArtifact()'))
}

function cannotDownload({ recipe }: Workshop, cause: DevkError): DevkError {
  const what = `Building ${recipe.name} ${recipe.version} failed`
  return new DevkError('KIT_FAILED', `${what}: Maven cannot download a package`, {
    cause,
    hint:
      "Check that this machine reaches Maven's repository, or that ~/.m2/settings.xml names one that it reaches. " +
      'Then run devk kit build again.',
  })
}
