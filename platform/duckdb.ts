import { isNativeError } from 'node:util/types';
import type * as Sdk from '@duckdb/node-api';
import { AppError } from '../domain/errors';
import type { Json } from '../domain/json';
import type { DataFormat } from './data-format';
import { duckdbFromJson, jsonConverter } from './duckdb-values';
import { identifier, quote } from './sql-text';

/** Files of one format that SQL reads as one view. */
export interface DataSource {
  /** Name of the view. */
  alias: string;
  paths: string[];
  format: DataFormat;
  /** How a CSV file is read, where it does not speak for itself. */
  csv?: CsvReading;
}

export interface CsvReading {
  /** One character; a comma when left out. */
  delimiter?: string | undefined;
  /** DuckDB types by column; those of other columns are found out. */
  types?: Readonly<Record<string, string>> | undefined;
}

export interface DuckdbOptions {
  /** Views over files; SQL reads these and the files in `folders`, nothing else. */
  sources: DataSource[];
  folders: string[];
  /** An empty folder for spilled data and results; the only one that can be written. */
  scratch: string;
  memoryMb: number;
  signal: AbortSignal;
}

export type SqlParameters = Json[] | Record<string, Json>;
export interface Column { name: string; type: string }
export interface Rows { columns: Column[]; rows: Record<string, Json>[]; rowCount: number }

const threads = '2';
const spillLimit = '4GB';
const interruptEveryMs = 100;

/**
 * Runs `work` in a DuckDB instance of its own, which is locked before it sees any text of a user, and stops it when the
 * signal is aborted. The library is loaded with the first query: a worker that has none pays neither its memory nor its time.
 * @throws AppError `query_failed`, `access_denied`, `artifacts_full` (retryable); `signal.reason`; what `work` throws
 */
export async function withDuckdb<T>(options: DuckdbOptions, work: (duckdb: Duckdb) => Promise<T>): Promise<T> {
  options.signal.throwIfAborted();
  const sdk = await import('@duckdb/node-api');
  const instance = await sdk.DuckDBInstance.create(':memory:', {
    threads, memory_limit: `${options.memoryMb}MB`,
    temp_directory: options.scratch, max_temp_directory_size: spillLimit,
    autoinstall_known_extensions: 'false', autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const stop = interruptOnAbort(connection, options.signal);
  try {
    await lockDown(connection, options);
    return await work(new Duckdb(sdk, connection, options.signal));
  } catch (error) {
    options.signal.throwIfAborted();
    throw failure(error);
  } finally {
    stop();
    connection.closeSync();
    instance.closeSync();
  }
}

/** An interrupt reaches only the statement that runs at that moment, so it is repeated until the work has ended. */
function interruptOnAbort(connection: Sdk.DuckDBConnection, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), interruptEveryMs);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  return () => {
    signal.removeEventListener('abort', interrupt);
    clearInterval(timer);
  };
}

/** Order matters: what may be reached first, then no outside access, then no way back. */
async function lockDown(connection: Sdk.DuckDBConnection, { sources, folders, scratch }: DuckdbOptions): Promise<void> {
  await connection.run(`set allowed_paths = ${listOf(sources.flatMap(({ paths }) => paths))}`);
  await connection.run(`set allowed_directories = ${listOf([...folders, scratch])}`);
  await connection.run('set enable_external_access = false');
  await connection.run("set timezone = 'UTC'").catch(() => undefined);
  await connection.run('set lock_configuration = true');
  for (const source of sources) await connection.run(`create view ${identifier(source.alias)} as from ${reader(source)}`);
}

/** One locked DuckDB instance. */
export class Duckdb {
  constructor(private readonly sdk: typeof Sdk, private readonly connection: Sdk.DuckDBConnection, private readonly signal: AbortSignal) {}

  /** The rows of one SELECT as JSON. @throws AppError `output_too_large` as soon as they exceed `maxBytes` */
  rows(sql: string, parameters: SqlParameters, maxBytes: number): Promise<Rows> {
    return this.with(this.checked(sql), async (statement) => {
      bind(this.sdk, statement, parameters);
      const result = await statement.stream();
      const rows: Record<string, Json>[] = [];
      let bytes = 0;
      for await (const chunk of result.yieldConvertedRowObjects(jsonConverter(this.sdk))) {
        this.signal.throwIfAborted();
        bytes += Buffer.byteLength(JSON.stringify(chunk));
        if (bytes > maxBytes) {
          throw new AppError('output_too_large', `the result is larger than ${maxBytes} bytes: \`save\` it to an artifact, or select less`);
        }
        rows.push(...chunk);
      }
      return { columns: columnsOf(result), rows, rowCount: rows.length };
    });
  }

  /** Writes the rows of one SELECT to a file in the scratch folder. The columns are those that a reader of the file sees. */
  async save(sql: string, parameters: SqlParameters, file: string, format: DataFormat): Promise<Omit<Rows, 'rows'>> {
    // Not its columns: before their values are bound, those of parameters have no type.
    await this.with(this.checked(sql), () => undefined);
    const copy = this.connection.prepare(`copy (\n${sql.replace(/[;\s]+$/, '')}\n) to ${quote(file)} ${writerOptions[format]}`);
    const rowCount = await this.with(copy, async (statement) => {
      bind(this.sdk, statement, parameters);
      return (await statement.run()).rowsChanged;
    });
    const columns = await this.with(this.connection.prepare(`from ${reader({ paths: [file], format })}`), columnsOf);
    return { columns, rowCount };
  }

  /** The columns that a SELECT would give. */
  columns(sql: string): Promise<Column[]> {
    return this.with(this.checked(sql), columnsOf);
  }

  /** Lets a statement go after its use: until then it holds the 30 MiB with which it reads a CSV file. */
  private async with<T>(prepared: Promise<Sdk.DuckDBPreparedStatement>, use: (statement: Sdk.DuckDBPreparedStatement) => T | Promise<T>): Promise<T> {
    const statement = await prepared;
    try {
      return await use(statement);
    } finally {
      statement.destroySync();
    }
  }

  /** Only one statement, and only one that reads: anything else could write into the allowed folders. */
  private async checked(sql: string): Promise<Sdk.DuckDBPreparedStatement> {
    this.signal.throwIfAborted();
    const { StatementType } = this.sdk;
    const statements = await this.connection.extractStatements(sql).catch((error: unknown) => { throw isNothing(error) ? new AppError('input_invalid', '`sql` holds no statement') : error; });
    if (statements.count !== 1) throw new AppError('input_invalid', `\`sql\` holds ${statements.count} statements; it takes one`);
    const statement = await statements.prepare(0);
    // No EXPLAIN either: with ANALYZE it carries out what it explains, a COPY say.
    if (statement.statementType !== StatementType.SELECT) {
      throw new AppError('access_denied', `\`sql\` may only read, and this is ${StatementType[statement.statementType]}`);
    }
    return statement;
  }
}

function bind(sdk: typeof Sdk, statement: Sdk.DuckDBPreparedStatement, parameters: SqlParameters): void {
  const named = Array.isArray(parameters) ? parameters.map((value, index): [string, Json] => [String(index + 1), value]) : Object.entries(parameters);
  if (named.length !== statement.parameterCount) {
    throw new AppError('input_invalid', `\`sql\` takes ${statement.parameterCount} parameters, \`params\` has ${named.length}`);
  }
  const taken = Array.from({ length: statement.parameterCount }, (_, index) => statement.parameterName(index + 1));
  for (const [name, json] of named) {
    if (!taken.includes(name)) throw new AppError('input_invalid', `\`params\` has "${name}", and \`sql\` takes ${taken.map((each) => `$${each}`).join(', ')}`);
    const { value, type } = duckdbFromJson(sdk, json);
    statement.bindValue(statement.parameterIndex(name), value, type);
  }
}

const columnsOf = (described: Pick<Sdk.DuckDBPreparedStatement, 'columnCount' | 'columnName' | 'columnType'>): Column[] =>
  Array.from({ length: described.columnCount }, (_, index) => ({ name: described.columnName(index), type: String(described.columnType(index)) }));

const listOf = (paths: readonly string[]): string => `[${paths.map(quote).join(', ')}]`;

/**
 * CSV as RFC 4180 has it, with a header. What a value is must not depend on where in the file it stands, on a guess whether
 * days or months come first, or on "t" and "f" being codes: all rows are looked at, dates are ISO 8601, and truth values stay text.
 */
const csvReading = `header = true, skip = 0, comment = '', quote = '"', escape = '"', sample_size = -1, dateformat = '%Y-%m-%d',
  auto_type_candidates = ['BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'VARCHAR']`;

function csvOptions({ delimiter = ',', types = {} }: CsvReading): string {
  const typed = Object.entries(types).map(([column, type]) => `${quote(column)}: ${quote(type)}`);
  return `${csvReading}, delim = ${quote(delimiter)}${typed.length === 0 ? '' : `, types = {${typed.join(', ')}}`}`;
}

function reader({ paths, format, csv = {} }: Omit<DataSource, 'alias'>): string {
  const files = listOf(paths);
  switch (format) {
    case 'parquet': return `read_parquet(${files})`;
    case 'csv': return `read_csv(${files}, ${csvOptions(csv)})`;
    case 'json': return `read_json(${files})`;
    case 'jsonl': return `read_json(${files}, format = 'newline_delimited')`;
  }
}

const writerOptions: Readonly<Record<DataFormat, string>> = {
  parquet: '(format parquet, compression zstd)',
  csv: '(format csv, header true)',
  json: '(format json, array true)',
  jsonl: '(format json, array false)',
};

/** ENOSPC, in the words of the C library. */
const noRoom = 'No space left on device';

/** What DuckDB makes of a text of spaces or comments alone: no statements, and no word about it. */
const isNothing = (error: unknown): boolean => isNativeError(error) && error.message === 'Error in native callback';

function failure(error: unknown): unknown {
  if (error instanceof AppError || !isNativeError(error)) return error;
  const message = error.message.trim();
  // A query that is wrong stays wrong; a disk may have room again.
  if (message.endsWith(noRoom)) return new AppError('artifacts_full', `there is no room for the rows: ${message}. Make room, or shorten DATAMCP_RETENTION_ARTIFACTS_DAYS`, { retryable: true, cause: error });
  // Its own advice is to change settings, which is not for the text of a query to do.
  if (message.startsWith('Out of Memory Error')) return new AppError('query_failed', `${message.split('\n')[0] ?? ''}. Select less at a time, or have DATAMCP_DUCKDB_MEMORY_MB raised`, { cause: error });
  const code = message.startsWith('Permission Error') ? 'access_denied' : 'query_failed';
  return new AppError(code, message, { cause: error });
}
