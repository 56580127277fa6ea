import type { LogColumns } from '../model/log-columns.ts';
import type { TelemetryColumns } from '../model/telemetry-columns.ts';
import { VALUE_KIND } from '../model/value-kind.ts';
import type { KnownEvent } from '../semconv/told-events.ts';
import type { ValuePosition } from './any-value.ts';
import { scanAnyValue } from './any-value.ts';
import { AttributeDecoder } from './attribute-decoder.ts';
import type { DecodeContext, DecodeOutcome } from './decode-outcome.ts';
import { Rejections } from './decode-outcome.ts';
import type { OriginDecoder } from './origin-decoder.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import type { GroupItem } from './read-groups.ts';
import { readGroups } from './read-groups.ts';
import { ServiceSightings } from './service-sightings.ts';
import { pushStoredValue } from './stored-value.ts';
import type { ReadableEvent, ToldSpanDecoder } from './told-span-decoder.ts';
import { INVALID_FIELD } from './transcode-json.ts';
import { isBeyond2106, isUnknownTime, nanosOf, pushTime } from './unix-nano.ts';

const ZEROS = Buffer.alloc(16);
const SEVERITY_MAX = 24;
/** Longer texts are no names. */
const NAME_BYTES_MAX = 1024;

/** Where the fields of the log record being read are. One object, filled anew for each record. */
interface LogPosition {
  time: number;
  observedTime: number;
  severity: number;
  severityTextStart: number;
  severityTextEnd: number;
  bodyStart: number;
  bodyEnd: number;
  droppedAttributes: number;
  flags: number;
  traceId: number;
  spanId: number;
  eventNameStart: number;
  eventNameEnd: number;
}

/** What some attributes of a record mean to the decoder. */
const ROLE = { none: 0, eventName: 1, agentName: 2, otherAgentName: 3 } as const;
const ROLES: Readonly<Record<string, number>> = {
  'event.name': ROLE.eventName,
  'gen_ai.agent.name': ROLE.agentName,
  'agent.name': ROLE.otherAgentName,
};

/** What log records may tell of, and who writes down what they do. */
export interface ToldSpans {
  readonly decoder: ToldSpanDecoder;
  readonly find: (eventName: string, scopeName: string) => KnownEvent | undefined;
  readonly dialectOf: (event: KnownEvent) => number;
}

/** Decodes `ExportLogsServiceRequest` straight into columns. */
export class LogDecoder {
  readonly #columns: TelemetryColumns;
  readonly #logs: LogColumns;
  readonly #origins: OriginDecoder;
  readonly #attributes: AttributeDecoder;
  readonly #sightings = new ServiceSightings();
  readonly #told: ToldSpans | undefined;
  /** By scope name and number of the event's name; `null` for those that tell of nothing. */
  readonly #events = new Map<string, (ReadableEvent | null)[]>();
  /** By key number: one of `ROLE`. */
  readonly #roles: number[] = [];
  /** By role: the attribute of the present record that has it, or -1. */
  readonly #byRole = new Int32Array(4);
  readonly #reader = new ProtobufReader();
  readonly #body: ValuePosition = { kind: 0, start: 0, end: 0, low: 0, high: 0, number: 0 };
  readonly #at: LogPosition = emptyPosition();
  #buffer: Buffer = ZEROS;
  #received: Buffer = ZEROS;
  #problem = '';

  constructor(columns: TelemetryColumns, origins: OriginDecoder, told?: ToldSpans) {
    this.#told = told;
    this.#columns = columns;
    this.#logs = columns.logs;
    this.#origins = origins;
    this.#attributes = new AttributeDecoder(columns.logs.attributes.keys.dictionary);
  }

  /**
   * Appends the request's good records and counts the bad ones. Throws `MalformedError` when the bytes are
   * no such request; the caller then cuts the columns back.
   */
  decode(buffer: Buffer, context: DecodeContext): DecodeOutcome {
    this.#buffer = buffer;
    this.#received = nanosOf(context.receivedAtMs);
    this.#sightings.discard();
    this.#told?.decoder.discard();
    const before = this.#logs.count;
    const rejections = new Rejections();
    readGroups(buffer, this.#origins, context.project, (group) => {
      this.#readRecord(group.start, group.end);
      if (this.#problem !== '') rejections.add(this.#problem);
      else this.#commit(context.project, group);
    });
    const { project, receivedAtMs } = context;
    const told = this.#told?.decoder.take(project, receivedAtMs) ?? [];
    const names = new Set(told.map(({ name }) => name));
    const others = this.#sightings.take(project, receivedAtMs);
    return {
      accepted: this.#logs.count - before,
      rejected: rejections.count,
      message: rejections.message('log record'),
      sightings: [...told, ...others.filter(({ name }) => !names.has(name))],
    };
  }

  reset(): void {
    this.#roles.length = 0;
    this.#attributes.reset();
    this.#sightings.discard();
    this.#told?.decoder.reset();
    this.#events.clear();
  }

  #readRecord(start: number, end: number): void {
    const at = this.#at;
    Object.assign(at, EMPTY);
    this.#problem = '';
    this.#attributes.begin();
    const reader = this.#reader;
    reader.open(this.#buffer, start, end);
    while (reader.tag()) this.#readField(reader, at);
    if (this.#problem === '') this.#problem = this.#fault(at);
  }

  #readField(reader: ProtobufReader, at: LogPosition): void {
    switch (reader.field) {
      case 1:
        at.time = reader.fixed64();
        return;
      case 2:
        at.severity = reader.uint32();
        return;
      case 3:
        reader.bytes();
        at.severityTextStart = reader.start;
        at.severityTextEnd = reader.end;
        return;
      case 5:
        reader.bytes();
        at.bodyStart = reader.start;
        at.bodyEnd = reader.end;
        return;
      case 6:
        reader.bytes();
        this.#attributes.add(this.#buffer, reader.start, reader.end);
        return;
      case 7:
        at.droppedAttributes = reader.uint32();
        return;
      case 8:
        at.flags = reader.fixed32();
        return;
      case 9:
        at.traceId = idPosition(reader, 16);
        return;
      case 10:
        at.spanId = idPosition(reader, 8);
        return;
      case 11:
        at.observedTime = reader.fixed64();
        return;
      case 12:
        reader.bytes();
        at.eventNameStart = reader.start;
        at.eventNameEnd = reader.end;
        return;
      case INVALID_FIELD:
        reader.bytes();
        this.#problem = this.#buffer.toString('utf8', reader.start, reader.end);
        return;
      default:
        reader.skip();
    }
  }

  /** Why the record cannot be kept, or ''. */
  #fault(at: LogPosition): string {
    if (isBeyond2106(this.#buffer, at.time)) return 'time_unix_nano is beyond 2106-02-07';
    if (isBeyond2106(this.#buffer, at.observedTime)) {
      return 'observed_time_unix_nano is beyond 2106-02-07';
    }
    if (at.severity > SEVERITY_MAX) {
      return `severity_number ${at.severity} is not a severity (0 to ${SEVERITY_MAX})`;
    }
    return '';
  }

  #commit(project: string, group: GroupItem): void {
    const { resource, scope } = group;
    const logs = this.#logs;
    const at = this.#at;
    const buffer = this.#buffer;
    logs.project.pushText(project);
    if (!isUnknownTime(buffer, at.time)) pushTime(logs.time, buffer, at.time);
    else if (!isUnknownTime(buffer, at.observedTime)) pushTime(logs.time, buffer, at.observedTime);
    else logs.time.copy(this.#received, 0, 8);
    pushTime(logs.observedTime, buffer, at.observedTime);
    pushId(logs.traceId, buffer, at.traceId, 16);
    pushId(logs.spanId, buffer, at.spanId, 8);
    logs.flags.u32(at.flags);
    logs.severityNumber.u8(at.severity);
    logs.severityText.push(buffer, at.severityTextStart, at.severityTextEnd);
    logs.service.pushText(resource.service);
    logs.resourceId.copy(resource.id, 0, 16);
    logs.scopeId.copy(scope.id, 0, 16);
    logs.scopeName.pushText(scope.name);
    logs.droppedAttributes.u32(at.droppedAttributes);
    scanAnyValue(buffer, at.bodyStart, at.bodyEnd, this.#body);
    const letter = pushStoredValue(logs.body, this.#columns.payloads, buffer, this.#body);
    logs.bodyType.pushText(String.fromCharCode(letter));
    this.#findRoles();
    const event = this.#eventOf(this.#pushEventName(at), scope.name);
    const agent = this.#agentName();
    logs.agent.pushText(agent === '' ? resource.service : agent);
    this.#attributes.commit(buffer, logs.attributes, this.#columns.payloads);
    if (event === null || !this.#writeTold(project, group, event))
      this.#sightings.note(agent, resource);
  }

  #eventOf(nameId: number, scopeName: string): ReadableEvent | null {
    const told = this.#told;
    if (told === undefined) return null;
    let events = this.#events.get(scopeName);
    if (events === undefined) this.#events.set(scopeName, (events = []));
    let known = events[nameId];
    if (known === undefined) {
      const event = told.find(this.#logs.eventName.dictionary.textOf(nameId), scopeName);
      known = event === undefined ? null : { event, dialect: told.dialectOf(event) };
      events[nameId] = known;
    }
    return known;
  }

  /** Writes the span that the record stands for; false when it stands for none. */
  #writeTold(
    project: string,
    { resource, scope, start, end }: GroupItem,
    event: ReadableEvent,
  ): boolean {
    const { bytes, length } = this.#logs.time;
    const { traceId, spanId } = this.#at;
    const time = bytes.subarray(length - 8, length);
    const record = { project, resource, scope, start, end, traceId, spanId, time };
    return this.#told!.decoder.write({ ...record, buffer: this.#buffer }, event);
  }

  #findRoles(): void {
    const attributes = this.#attributes;
    this.#byRole.fill(-1);
    for (let i = 0; i < attributes.count; i++) {
      const key = attributes.keyIds[i]!;
      let role = this.#roles[key];
      if (role === undefined) {
        role = ROLES[attributes.keys.textOf(key)] ?? ROLE.none;
        this.#roles[key] = role;
      }
      if (role !== ROLE.none && attributes.kinds[i] === VALUE_KIND.string) this.#byRole[role] = i;
    }
  }

  /** The record's own event name, or the attribute by which older SDKs tell it. */
  #pushEventName(at: LogPosition): number {
    const attribute = this.#byRole[ROLE.eventName]!;
    const { eventName } = this.#logs;
    if (at.eventNameEnd === at.eventNameStart && attribute !== -1) {
      const { starts, ends } = this.#attributes;
      return eventName.push(this.#buffer, starts[attribute]!, ends[attribute]!);
    }
    return eventName.push(this.#buffer, at.eventNameStart, at.eventNameEnd);
  }

  #agentName(): string {
    for (const role of [ROLE.agentName, ROLE.otherAgentName]) {
      const i = this.#byRole[role]!;
      if (i === -1) continue;
      const start = this.#attributes.starts[i]!;
      const end = this.#attributes.ends[i]!;
      if (end - start > NAME_BYTES_MAX) continue;
      const name = this.#buffer.toString('utf8', start, end);
      if (name !== '') return name;
    }
    return '';
  }
}

/** The position of an id; -1 when it has not its size: the record then belongs to no span, as the protocol says. */
function idPosition(reader: ProtobufReader, size: number): number {
  reader.bytes();
  return reader.end - reader.start === size ? reader.start : -1;
}

function pushId(into: LogColumns['traceId'], buffer: Buffer, at: number, size: number): void {
  if (at === -1) into.copy(ZEROS, 0, size);
  else into.copy(buffer, at, at + size);
}

function emptyPosition(): LogPosition {
  return {
    time: -1,
    observedTime: -1,
    severity: 0,
    severityTextStart: 0,
    severityTextEnd: 0,
    bodyStart: 0,
    bodyEnd: 0,
    droppedAttributes: 0,
    flags: 0,
    traceId: -1,
    spanId: -1,
    eventNameStart: 0,
    eventNameEnd: 0,
  };
}

const EMPTY: Readonly<LogPosition> = emptyPosition();
