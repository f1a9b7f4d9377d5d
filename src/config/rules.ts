import type { Rule, RuleContext } from './context.ts'
import { scaledOverlays } from './overlay.ts'
import type { Problem } from './problems.ts'
import {
  encryptedSecrets,
  existingCluster,
  minikubeCluster,
  minikubeStartArguments,
  mountedFolder,
  otherProviders,
} from './rules-cluster.ts'
import { buildFiles, deployFiles, envFiles, patterns, syncRules } from './rules-files.ts'
import { imageCommands, localBuilds, localJobs, localPrograms } from './rules-local.ts'
import { distinctNames, knownNames, neededJobs, noCycles } from './rules-names.ts'
import { complete, distinctPorts, openableUrls, subnets } from './rules-parts.ts'
import { knownPresets } from './rules-presets.ts'

/** Rules that the schema cannot express: they compare several keys, or read files. */
const rules: readonly Rule[] = [
  complete,
  distinctNames,
  knownNames,
  neededJobs,
  noCycles,
  distinctPorts,
  openableUrls,
  knownPresets,
  subnets,
  otherProviders,
  existingCluster,
  minikubeCluster,
  minikubeStartArguments,
  mountedFolder,
  encryptedSecrets,
  buildFiles,
  syncRules,
  imageCommands,
  localBuilds,
  localPrograms,
  localJobs,
  deployFiles,
  scaledOverlays,
  envFiles,
  patterns,
]

/** Applies all rules to a configuration that the schema accepts. */
export function checkRules(context: RuleContext): Problem[] {
  return rules.flatMap((rule) => rule(context))
}
