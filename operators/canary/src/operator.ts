import { defineOperator } from '../../../src/operator/definition.ts'
import { finalizer } from './finalizer.ts'
import { spec, status } from './spec.ts'
import { evaluating } from './workers/evaluating.ts'
import { initializing } from './workers/initializing.ts'
import { promoting } from './workers/promoting.ts'
import { rollBack } from './workers/roll-back.ts'
import { waiting } from './workers/waiting.ts'

export default defineOperator({
  spec,
  status,
  workers: {
    Initializing: initializing,
    Waiting: waiting,
    Evaluating: evaluating,
    Promoting: promoting,
    RollBack: rollBack,
  },
  finalizer,
})
