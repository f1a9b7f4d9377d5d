import { dirname } from 'node:path/posix'
import type { KubeObject } from '../../kube/api.ts'
import { repositoryOf } from '../../lib/image-reference.ts'
import { podTemplate } from '../../manifests/workload.ts'
import type { Repository } from '../../readers/facts.ts'
import { isPublished } from '../match/published.ts'
import { imagesOf } from './services.ts'

/** A tool that makes images without a Dockerfile, and its command that puts an image into the engine. */
interface Builder {
  readonly name: string
  /** The file that names it, by its path. */
  readonly file: RegExp
  /** What this file says then; absent: it belongs to the tool alone. */
  readonly says?: RegExp
  /** Program and arguments for `build.command`. */
  command(image: string): readonly string[]
}

const image = '$DEVK_IMAGE'
const builders: readonly Builder[] = [
  {
    ...{ name: 'Jib', file: /(^|\/)pom\.xml$/, says: /jib-maven-plugin/ },
    command: () => ['mvn', 'compile', 'jib:dockerBuild', `-Dimage=${image}`],
  },
  {
    ...{ name: 'Jib', file: /(^|\/)build\.gradle(\.kts)?$/, says: /com\.google\.cloud\.tools\.jib/ },
    command: () => ['./gradlew', 'jibDockerBuild', `--image=${image}`],
  },
  {
    ...{ name: 'Spring Boot', file: /(^|\/)pom\.xml$/, says: /spring-boot-maven-plugin/ },
    command: () => ['mvn', 'spring-boot:build-image', `-Dspring-boot.build-image.imageName=${image}`],
  },
  {
    ...{ name: 'Spring Boot', file: /(^|\/)build\.gradle(\.kts)?$/, says: /org\.springframework\.boot/ },
    command: () => ['./gradlew', 'bootBuildImage', `--imageName=${image}`],
  },
  {
    ...{ name: 'ko', file: /(^|\/)\.ko\.ya?ml$/ },
    command: (wanted) => ['ko', 'build', '--local', wanted.startsWith(koScheme) ? wanted.slice(5) : 'IMPORTPATH'],
  },
  {
    ...{ name: 'Cloud Native Buildpacks', file: /(^|\/)project\.toml$/, says: /^\s*\[(_|build|io\.buildpacks)/m },
    command: () => ['pack', 'build', image],
  },
  {
    ...{ name: 'Nixpacks', file: /(^|\/)nixpacks\.(toml|json)$/ },
    command: () => ['nixpacks', 'build', '.', '--name', image],
  },
]
/** Before the import path of a Go program, which ko puts an image in place of. */
const koScheme = 'ko://'
/** More files are not read. */
const most = 50

/** The builders that the files of a repository name, each once with the file. Pure, except for `read`. */
function buildersIn({ files, read }: Pick<Repository, 'files' | 'read'>): { builder: Builder; file: string }[] {
  const found = builders.flatMap((builder) => {
    const own = files.filter((each) => builder.file.test(each)).slice(0, most)
    const file = own.find((each) => builder.says === undefined || builder.says.test(read(each) ?? ''))
    return file === undefined ? [] : [{ builder, file }]
  })
  // The plugin of Spring Boot stands beside the others: it packs the program, too.
  const [first] = found
  return first !== undefined && first.builder.name !== 'Spring Boot'
    ? found.filter(({ builder }) => builder.name !== 'Spring Boot')
    : found
}

/** That images of workloads, which no Dockerfile builds and nobody else publishes, are made by another tool. */
export function builderNotes(
  objects: readonly KubeObject[],
  built: ReadonlySet<string>,
  repository: Pick<Repository, 'files' | 'read'>,
): string[] {
  const workloads = objects.filter((object) => podTemplate(object) !== undefined)
  const images = [...new Set(workloads.flatMap(imagesOf))]
  const open = images.filter((image) => !built.has(repositoryOf(image)) && !isPublished(image))
  const [first] = open
  const sources = first === undefined ? [] : buildersIn(repository)
  return sources.slice(0, 1).map(({ builder, file }) => {
    const [names, have] = [open.join(', '), open.length === 1 ? 'has' : 'have']
    const service = open.length === 1 ? 'its service' : `the service of ${first}`
    return (
      `${names} ${have} no Dockerfile. ${file} says that ${builder.name} makes images: give ${service} ` +
      `${buildText(dirname(file), builder.command(first ?? ''))}, and devk runs this. ` +
      'devk also takes an image from the engine if it is there.'
    )
  })
}

/** The section `build` of a service, as in the configuration. Pure. */
function buildText(context: string, command: readonly string[]): string {
  return `build: { context: '${context}', command: [${command.map((word) => `'${word}'`).join(', ')}] }`
}

/** How the images of a repository without Dockerfiles are made, as a sentence for each tool. */
export function builderSentences(repository: Pick<Repository, 'files' | 'read'>): string[] {
  return buildersIn(repository).map(({ builder, file }) => {
    const build = buildText(dirname(file), builder.command(''))
    return `${file} says that ${builder.name} makes images, by \`${build}\`: devk needs manifests that name them.`
  })
}
