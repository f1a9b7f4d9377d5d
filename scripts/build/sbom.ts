import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Builders, Factories } from '@cyclonedx/cyclonedx-library/Contrib/FromNodePackageJson'
import { Factories as Licences } from '@cyclonedx/cyclonedx-library/Contrib/License'
import { ComponentType } from '@cyclonedx/cyclonedx-library/Enums'
import { Bom, Component, SpdxLicense } from '@cyclonedx/cyclonedx-library/Models'
import { JSON as Json, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize'
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec'
import { PackageURL } from 'packageurl-js'
import parseLicence from 'spdx-expression-parse'
import type { AgentModule } from './agents.ts'
import { bundledPackages } from './licences.ts'

/** What the package contains besides devk's own code. */
export interface Contents {
  /** Files of the bundles, relative to the root. */
  readonly sources: readonly string[]
  /** Go modules in the agents. */
  readonly modules: readonly AgentModule[]
}

/** An npm package, its licence as an SPDX expression. */
interface Bundled {
  readonly name: string
  readonly version: string
  readonly licence: string
}

const licences = new Licences.LicenseFactory((expression) => void parseLicence(expression))
const builder = new Builders.ComponentBuilder(new Factories.ExternalReferenceFactory(), licences)

/**
 * Writes a software bill of materials in the format CycloneDX 1.6: the npm packages of which something is in the bundles, and the
 * modules in the agents. It has no date and no serial number, so that equal packages have equal files.
 */
export async function writeSbom(root: string, { sources, modules }: Contents, file: string): Promise<void> {
  const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const bom = new Bom()
  const devk = npmComponent({ ...own, licence: own.license }, ComponentType.Application)
  bom.metadata.component = devk
  const bundled = await bundledPackages(root, sources)
  const packages = bundled.map(({ manifest, licence }) => npmComponent({ ...manifest, licence }))
  for (const component of unique([...packages, ...modules.map(goComponent)])) {
    bom.components.add(component)
    devk.dependencies.add(component.bomRef)
  }
  const serializer = new JsonSerializer(new Json.Normalize.Factory(Spec1dot6))
  await writeFile(file, `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`)
}

function npmComponent({ name, version, licence }: Bundled, type = ComponentType.Library): Component {
  const component = builder.makeComponent({ name, version, license: licence }, type)
  if (component === undefined) throw new Error(`A bundled package has no name: ${name}@${version}`)
  return identified(component, new PackageURL('npm', component.group, component.name, version, undefined, undefined))
}

function goComponent({ path, version, licence }: AgentModule): Component {
  const component = new Component(ComponentType.Library, path, { version })
  component.licenses.add(new SpdxLicense(licence))
  const slash = path.lastIndexOf('/')
  const namespace = slash < 0 ? undefined : path.slice(0, slash)
  return identified(
    component,
    new PackageURL('golang', namespace, path.slice(slash + 1), version, undefined, undefined),
  )
}

function identified(component: Component, url: PackageURL): Component {
  component.purl = url.toString()
  component.bomRef.value = component.purl
  return component
}

/** A package can be in `node_modules` more than once. */
function unique(components: readonly Component[]): Component[] {
  return [...new Map(components.map((component) => [component.purl, component])).values()]
}
