import type { Rule, RuleContext } from './context.ts'
import { scaledOverlays } from './overlay.ts'
import type { Problem } from './problems.ts'
import { existingCluster, minikubeCluster, otherProviders } from './rules-cluster.ts'
import { buildFiles, deployFiles, envFiles, syncRules } from './rules-files.ts'
import { distinctNames, knownNames, noCycles } from './rules-names.ts'
import { complete, distinctPorts, knownPresets, openableUrls, subnets } from './rules-parts.ts'

/** What the schema cannot say: rules over several fields, and over the disk. */
const rules: readonly Rule[] = [
  complete,
  distinctNames,
  knownNames,
  noCycles,
  distinctPorts,
  openableUrls,
  knownPresets,
  subnets,
  otherProviders,
  existingCluster,
  minikubeCluster,
  buildFiles,
  syncRules,
  deployFiles,
  scaledOverlays,
  envFiles,
]

/** All that is wrong in a configuration the schema accepts. */
export function checkRules(context: RuleContext): Problem[] {
  return rules.flatMap((rule) => rule(context))
}
