import type { ApiResponse } from './api.ts'
import { type ApiError, statusOf } from './status.ts'

const json = { 'content-type': 'application/json', 'cache-control': 'no-cache, private' }

/** A body of JSON. Warnings go into headers as kubectl prints them. */
export function jsonResponse(status: number, body: string, warnings: readonly string[] = []): ApiResponse {
  if (warnings.length === 0) return { status, headers: json, body }
  const warning = warnings.map((text) => `299 - "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(', ')
  return { status, headers: { ...json, warning }, body }
}

export function textResponse(status: number, body: string): ApiResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

export function errorResponse(error: ApiError): ApiResponse {
  const retry = error.details?.retryAfterSeconds
  const body = JSON.stringify(statusOf(error))
  return { status: error.code, headers: retry === undefined ? json : { ...json, 'retry-after': String(retry) }, body }
}
