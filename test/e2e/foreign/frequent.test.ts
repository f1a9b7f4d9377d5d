/** Frequent shapes of repositories that were not written for devk. */
import { composed } from '../../repositories/running/composed.ts'
import { declared } from '../../repositories/running/declared.ts'
import { testForeign } from '../support/foreign.ts'

testForeign('e2e-foreign', [...composed.slice(0, 1), ...declared.slice(0, 1)])
