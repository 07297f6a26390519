import fc from 'fast-check'
import type { MeshRequest } from '../mesh/routing.ts'
import { apex, apexPorts, callPort } from './generated-services.ts'
import { callPaths, methods, paths, values } from './match-arbitraries.ts'

/** Requests of the same alphabet; about every third satisfies a given condition. */
export function meshRequest(): fc.Arbitrary<MeshRequest> {
  const headers = fc.dictionary(fc.constantFrom('x-a', 'x-b', 'x-c'), fc.constantFrom(...values, ''), { maxKeys: 3 })
  const cookie = fc.option(
    fc
      .array(fc.tuple(fc.constantFrom('u', 'v', 'uu'), fc.constantFrom(...values, '')), { minLength: 1, maxLength: 3 })
      .chain((pairs) =>
        fc
          .constantFrom(';', '; ', ';  ')
          .map((separator) => pairs.map(([name, value]) => `${name}=${value}`).join(separator)),
      ),
    { nil: undefined },
  )
  return fc
    .record({
      port: fc.constantFrom(...apexPorts, callPort),
      callPath: fc.constantFrom(...callPaths),
      method: fc.constantFrom(...methods),
      path: fc.constantFrom(...paths),
      headers,
      cookie,
      query: fc.dictionary(fc.constantFrom('q', 'p'), fc.constantFrom(...values, ''), { maxKeys: 2 }),
    })
    .map(({ cookie: cookies, headers: fields, callPath, query, ...rest }) => ({
      service: apex,
      ...rest,
      headers: { ...fields, ...(cookies !== undefined && { cookie: cookies }) },
      query: { ...query },
      ...(rest.port === callPort && { method: 'POST', path: callPath, query: {} }),
    }))
}
