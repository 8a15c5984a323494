PRAGMA application_id = 1333150513;
PRAGMA user_version = 2;
CREATE TABLE repository (  id TEXT PRIMARY KEY,  created INTEGER NOT NULL,  archived INTEGER NOT NULL DEFAULT 0,  sealed BLOB NOT NULL) STRICT;
CREATE TABLE job (  id TEXT PRIMARY KEY, created INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE TABLE job_part (  job TEXT NOT NULL, part TEXT NOT NULL, created INTEGER NOT NULL,  sealed BLOB NOT NULL, PRIMARY KEY (job, part)) STRICT;
CREATE INDEX job_part_age ON job_part (part, created);
CREATE TABLE scan (  repository TEXT PRIMARY KEY, time INTEGER NOT NULL,  sealed BLOB NOT NULL) STRICT;
CREATE TABLE open_proposal (  repository TEXT PRIMARY KEY, asked INTEGER NOT NULL,  sealed BLOB NOT NULL) STRICT;
