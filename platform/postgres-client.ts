import { Client, type ClientConfig } from 'pg';

/**
 * A session with Postgres that leaves no socket behind when it fails. As it comes, `pg` forgets a login that fails on
 * our side (a password that cannot be had, an answer that it does not understand): the server then holds a slot for it
 * until its `authentication_timeout`, a minute, and so does a database that is to be dropped.
 */
export class PostgresClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    // After an error of the wire nothing more can be said on it, whether the login was done or not.
    this.connection.once('error', () => this.connection.stream.destroy());
  }
}
