/**
 * The database: connections, transactions, statements, migrations, and the differences between H2
 * and PostgreSQL.
 */
@NullMarked
package dev.millrace.platform.sql;

import org.jspecify.annotations.NullMarked;
