#include "store/schema.h"

namespace ovvoc::schema {

const QList<Migration> &workspace()
{
    static const QList<Migration> steps{
        {{
            QStringLiteral("CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT"),
            QStringLiteral("CREATE TABLE client ("
                           "  id TEXT PRIMARY KEY,"
                           "  created INTEGER NOT NULL,"
                           "  archived INTEGER NOT NULL DEFAULT 0,"
                           "  wrapped_key BLOB," // NULL: erased, nothing of it can be read again
                           "  sealed BLOB NOT NULL) STRICT"),
            QStringLiteral(
                "CREATE TABLE setting (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT"),
            // What the lists over all clients need of a job; the rest is in the client's own file.
            QStringLiteral("CREATE TABLE job ("
                           "  id TEXT PRIMARY KEY,"
                           "  client TEXT NOT NULL,"
                           "  repository TEXT NOT NULL,"
                           "  kind TEXT NOT NULL,"
                           "  outcome TEXT NOT NULL,"
                           "  phase TEXT NOT NULL DEFAULT ''," // where it failed
                           "  level TEXT NOT NULL DEFAULT '',"
                           "  security INTEGER NOT NULL DEFAULT 0,"
                           "  created INTEGER NOT NULL,"
                           "  ended INTEGER NOT NULL DEFAULT 0,"
                           "  process TEXT NOT NULL DEFAULT ''" // while it runs: whose it is
                           ") STRICT, WITHOUT ROWID"),
            QStringLiteral("CREATE INDEX job_created ON job (created, id)"),
            QStringLiteral("CREATE INDEX job_client ON job (client, created, id)"),
            QStringLiteral("CREATE INDEX job_repository ON job (repository, created, id)"),
            QStringLiteral("CREATE INDEX job_outcome ON job (outcome, created, id)"),
            QStringLiteral("CREATE TABLE job_word ("
                           "  word_hash BLOB NOT NULL, created INTEGER NOT NULL, job TEXT NOT NULL,"
                           "  PRIMARY KEY (word_hash, created, job)) STRICT, WITHOUT ROWID"),
            QStringLiteral("CREATE INDEX job_word_job ON job_word (job)"),
            QStringLiteral("CREATE TABLE audit ("
                           "  seq INTEGER PRIMARY KEY,"
                           "  time INTEGER NOT NULL,"
                           "  client TEXT NOT NULL,"
                           "  job TEXT NOT NULL,"
                           "  action TEXT NOT NULL,"
                           "  actor_hash BLOB NOT NULL,"
                           "  hash BLOB NOT NULL,"
                           "  sealed BLOB NOT NULL,"
                           "  detail_sealed BLOB NOT NULL) STRICT"),
            QStringLiteral("CREATE INDEX audit_client ON audit (client, seq)"),
            QStringLiteral("CREATE INDEX audit_job ON audit (job, seq) WHERE job <> ''"),
            QStringLiteral("CREATE INDEX audit_action ON audit (action, seq)"),
            QStringLiteral(
                "CREATE TABLE checkpoint ("
                "  seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, signature BLOB NOT NULL) "
                "STRICT"),
        }},
        // Jobs by how long they took; those that run have no length yet.
        {{QStringLiteral(
            "CREATE INDEX job_duration ON job (ended - created, id) WHERE ended > 0")}},
        {{
            // A signature names the one before it, so that a missing one is found; -1: older ones.
            QStringLiteral(
                "ALTER TABLE checkpoint ADD COLUMN previous INTEGER NOT NULL DEFAULT -1"),
            // What the log already says, and a client's own file has yet to follow.
            QStringLiteral("CREATE TABLE pending ("
                           "  seq INTEGER PRIMARY KEY,"
                           "  client TEXT NOT NULL,"
                           "  place TEXT NOT NULL," // the table of the client's file
                           "  row TEXT NOT NULL,"
                           "  number INTEGER NOT NULL,"
                           "  flag INTEGER NOT NULL,"
                           "  sealed BLOB) STRICT"), // NULL: the row goes
        }},
    };
    return steps;
}

const QList<Migration> &client()
{
    static const QList<Migration> steps{
        {{
            QStringLiteral("CREATE TABLE repository ("
                           "  id TEXT PRIMARY KEY,"
                           "  created INTEGER NOT NULL,"
                           "  archived INTEGER NOT NULL DEFAULT 0,"
                           "  sealed BLOB NOT NULL) STRICT"),
            QStringLiteral("CREATE TABLE job ("
                           "  id TEXT PRIMARY KEY, created INTEGER NOT NULL, sealed BLOB NOT NULL) "
                           "STRICT"),
            // Parts of a job with a shorter life of their own.
            QStringLiteral("CREATE TABLE job_part ("
                           "  job TEXT NOT NULL, part TEXT NOT NULL, created INTEGER NOT NULL,"
                           "  sealed BLOB NOT NULL, PRIMARY KEY (job, part)) STRICT"),
            QStringLiteral("CREATE INDEX job_part_age ON job_part (part, created)"),
            QStringLiteral("CREATE TABLE scan ("
                           "  repository TEXT PRIMARY KEY, time INTEGER NOT NULL,"
                           "  sealed BLOB NOT NULL) STRICT"),
        }},
        // What was proposed from here and was open when the forge was asked last.
        {{QStringLiteral("CREATE TABLE open_proposal ("
                         "  repository TEXT PRIMARY KEY, asked INTEGER NOT NULL,"
                         "  sealed BLOB NOT NULL) STRICT")}},
    };
    return steps;
}

} // namespace ovvoc::schema
