-- A store as the tables of step 0001 held it; written by sqlite3's iterdump, not to be edited.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	action TEXT NOT NULL, 
	study_id TEXT, 
	subject TEXT NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (seq)
);
INSERT INTO "audit" VALUES(1,'Y Lan','2026-03-01T08:00:00+00:00','study-added','dak-to','','null','{"recipe": {"title": {"vi": "\u0110\u0103k T\u00f4"}, "criteria": "sdg-access"}}','0000000000000000000000000000000000000000000000000000000000000000','d0b06ce7f1fd20bbe469e8b8607a5d5a90144d0adce09a6c93eb63310207690c');
INSERT INTO "audit" VALUES(2,'Y Lan','2026-03-02T08:00:00+00:00','version-added','dak-to','schools','null','{"number": 1, "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "file": "truong.gpkg"}','d0b06ce7f1fd20bbe469e8b8607a5d5a90144d0adce09a6c93eb63310207690c','4adf537a9ad0faf181a6175ae5eac5a63ee0031f51406262f09c95bfa4b7a1fc');
INSERT INTO "audit" VALUES(3,'Y Lan','2026-03-03T08:00:00+00:00','version-added','dak-to','schools','{"number": 1, "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "file": "truong.gpkg"}','{"number": 2, "content": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "file": "truong.gpkg"}','4adf537a9ad0faf181a6175ae5eac5a63ee0031f51406262f09c95bfa4b7a1fc','72fbe34f492e1c60d49725d6bab7cc02857b80c0e658265535cb5dc248a2bf2a');
INSERT INTO "audit" VALUES(4,'A Blong','2026-03-04T08:00:00+00:00','value-entered','dak-to','2024/v1/households/self','null','{"value": 40.0, "reason": null}','72fbe34f492e1c60d49725d6bab7cc02857b80c0e658265535cb5dc248a2bf2a','2225e1c72e3bb6376167a7bdfeb71bd94352b38cc49cf8bcdee2e4475b0adb41');
INSERT INTO "audit" VALUES(5,'A Blong','2026-03-04T08:00:00+00:00','value-entered','dak-to','2024/v2/road/recheck','null','{"value": "c\u00f3", "reason": "\u0111i xem l\u1ea1i"}','2225e1c72e3bb6376167a7bdfeb71bd94352b38cc49cf8bcdee2e4475b0adb41','a13dfd8871a1d570d2ada430c2471b2ee21d001a98c8a68d6b727901de4b0a3b');
INSERT INTO "audit" VALUES(6,'A Blong','2026-03-05T08:00:00+00:00','value-entered','dak-to','2024/v1/households/self','{"value": 40}','{"value": 42.5, "reason": null}','a13dfd8871a1d570d2ada430c2471b2ee21d001a98c8a68d6b727901de4b0a3b','4dfc879927dbe7a1e78f626fe7077118662c2ebd75e622f5748ba949a5e55faf');
INSERT INTO "audit" VALUES(7,'A Blong','2026-03-05T08:00:00+00:00','value-entered','dak-to','2024/v2/road/recheck','{"value": "c\u00f3"}','{"value": "c\u00f3", "reason": "\u0111i xem l\u1ea1i"}','4dfc879927dbe7a1e78f626fe7077118662c2ebd75e622f5748ba949a5e55faf','78a6a0d69085699a680076446ca9b4f5996c488a4cda2ddaedc479eca4d4b374');
INSERT INTO "audit" VALUES(8,'A Blong','2026-03-06T08:00:00+00:00','value-entered','dak-to','2024/v1/households/self','{"value": 42.5}','{"value": null, "reason": null}','78a6a0d69085699a680076446ca9b4f5996c488a4cda2ddaedc479eca4d4b374','adbfffb0accb789b111a8a5493c0da1708f9f3b554518f14e5eaf891cb5c288d');
INSERT INTO "audit" VALUES(9,'A Blong','2026-03-06T08:00:00+00:00','value-entered','dak-to','2024/v2/road/recheck','{"value": "c\u00f3"}','{"value": "c\u00f3", "reason": "\u0111i xem l\u1ea1i"}','adbfffb0accb789b111a8a5493c0da1708f9f3b554518f14e5eaf891cb5c288d','75b3d883504898e64107ed7840d7ffc8eb0fecc8e80516a1e1a8892a75442331');
INSERT INTO "audit" VALUES(10,'A Blong','2026-03-07T08:00:00+00:00','match-decided','dak-to','{"name": "Thôn 1"}','null','{"answer": null, "reason": null}','75b3d883504898e64107ed7840d7ffc8eb0fecc8e80516a1e1a8892a75442331','8618ae586e910512640ca83e8f16b24b241b957577910529cf38d5c15800b0ad');
CREATE TABLE decisions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	study_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	subject JSON NOT NULL, 
	answer TEXT, 
	withdrawn BOOLEAN NOT NULL, 
	reason TEXT, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT fk_decisions_study_id FOREIGN KEY(study_id) REFERENCES studies (id)
);
INSERT INTO "decisions" VALUES(1,'dak-to','match','{"name": "Th\u00f4n 1"}',NULL,0,NULL,'A Blong','2026-03-07T08:00:00+00:00');
CREATE TABLE evidence (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	study_id TEXT NOT NULL, 
	village_id TEXT NOT NULL, 
	criterion TEXT, 
	year INTEGER, 
	content TEXT NOT NULL, 
	file TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	note TEXT, 
	deleted_at TEXT, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT fk_evidence_study_id FOREIGN KEY(study_id) REFERENCES studies (id)
);
CREATE TABLE jobs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	study_id TEXT, 
	kind TEXT NOT NULL, 
	arguments JSON NOT NULL, 
	state TEXT NOT NULL, 
	fraction FLOAT NOT NULL, 
	saying JSON, 
	problems JSON, 
	result JSON, 
	cancel BOOLEAN NOT NULL, 
	tries INTEGER NOT NULL, 
	worker TEXT, 
	beat FLOAT, 
	started_at TEXT, 
	ended_at TEXT, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL
);
CREATE TABLE notes (
	name TEXT NOT NULL, 
	value JSON NOT NULL, 
	CONSTRAINT pk_notes PRIMARY KEY (name)
);
CREATE TABLE reported (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	study_id TEXT NOT NULL, 
	year INTEGER NOT NULL, 
	village_id TEXT NOT NULL, 
	field TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	value JSON, 
	reason TEXT, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT fk_reported_study_id FOREIGN KEY(study_id) REFERENCES studies (id)
);
INSERT INTO "reported" VALUES(1,'dak-to',2024,'v1','households','self',40,NULL,'A Blong','2026-03-04T08:00:00+00:00');
INSERT INTO "reported" VALUES(2,'dak-to',2024,'v2','road','recheck','"c\u00f3"','đi xem lại','A Blong','2026-03-04T08:00:00+00:00');
INSERT INTO "reported" VALUES(3,'dak-to',2024,'v1','households','self',42.5,NULL,'A Blong','2026-03-05T08:00:00+00:00');
INSERT INTO "reported" VALUES(4,'dak-to',2024,'v2','road','recheck','"c\u00f3"','đi xem lại','A Blong','2026-03-05T08:00:00+00:00');
INSERT INTO "reported" VALUES(5,'dak-to',2024,'v1','households','self',NULL,NULL,'A Blong','2026-03-06T08:00:00+00:00');
INSERT INTO "reported" VALUES(6,'dak-to',2024,'v2','road','recheck','"c\u00f3"','đi xem lại','A Blong','2026-03-06T08:00:00+00:00');
CREATE TABLE runs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	study_id TEXT NOT NULL, 
	run TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	content JSON NOT NULL, 
	headline JSON NOT NULL, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT fk_runs_study_id FOREIGN KEY(study_id) REFERENCES studies (id), 
	CONSTRAINT uq_runs_study_id UNIQUE (study_id, run)
);
CREATE TABLE sources (
	study_id TEXT NOT NULL, 
	source TEXT NOT NULL, 
	version_id INTEGER NOT NULL, 
	deleted_at TEXT, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_sources PRIMARY KEY (study_id, source), 
	CONSTRAINT fk_sources_study_id FOREIGN KEY(study_id) REFERENCES studies (id), 
	CONSTRAINT fk_sources_version_id FOREIGN KEY(version_id) REFERENCES versions (id)
);
INSERT INTO "sources" VALUES('dak-to','schools',2,NULL,'Y Lan','2026-03-03T08:00:00+00:00');
CREATE TABLE studies (
	id TEXT NOT NULL, 
	recipe JSON NOT NULL, 
	criteria JSON, 
	revision INTEGER NOT NULL, 
	deleted_at TEXT, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_studies PRIMARY KEY (id)
);
INSERT INTO "studies" VALUES('dak-to','{"title": {"vi": "\u0110\u0103k T\u00f4"}, "criteria": "sdg-access"}','null',10,NULL,'Y Lan','2026-03-01T08:00:00+00:00');
CREATE TABLE tries (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	address TEXT NOT NULL, 
	moment FLOAT NOT NULL
);
CREATE TABLE uploads (
	id TEXT NOT NULL, 
	study_id TEXT NOT NULL, 
	file TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	state TEXT NOT NULL, 
	options JSON NOT NULL, 
	found JSON, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_uploads PRIMARY KEY (id), 
	CONSTRAINT fk_uploads_study_id FOREIGN KEY(study_id) REFERENCES studies (id)
);
CREATE TABLE users (
	name TEXT NOT NULL, 
	password TEXT NOT NULL, 
	role TEXT NOT NULL, 
	communes JSON NOT NULL, 
	active BOOLEAN NOT NULL, 
	stamp INTEGER NOT NULL, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (name)
);
CREATE TABLE versions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	study_id TEXT NOT NULL, 
	source TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	file TEXT NOT NULL, 
	entry JSON NOT NULL, 
	report JSON NOT NULL, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT fk_versions_study_id FOREIGN KEY(study_id) REFERENCES studies (id), 
	CONSTRAINT uq_versions_study_id UNIQUE (study_id, source, number)
);
INSERT INTO "versions" VALUES(1,'dak-to','schools',1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','vector','truong.gpkg','{"complete": "yes"}','{}','Y Lan','2026-03-02T08:00:00+00:00');
INSERT INTO "versions" VALUES(2,'dak-to','schools',2,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','vector','truong.gpkg','{"complete": "yes"}','{}','Y Lan','2026-03-03T08:00:00+00:00');
CREATE INDEX ix_audit_study_id ON audit (study_id);
CREATE INDEX ix_jobs_state ON jobs (state);
CREATE INDEX ix_jobs_study_id ON jobs (study_id);
CREATE INDEX ix_tries_moment ON tries (moment);
CREATE INDEX ix_decisions_study_id ON decisions (study_id);
CREATE INDEX ix_evidence_study_id ON evidence (study_id);
CREATE INDEX ix_reported_cell ON reported (study_id, year, village_id, field, kind);
CREATE INDEX ix_reported_study_id ON reported (study_id);
CREATE INDEX ix_runs_study_id ON runs (study_id);
CREATE INDEX ix_uploads_study_id ON uploads (study_id);
CREATE INDEX ix_versions_study_id ON versions (study_id);
CREATE TRIGGER audit_keeps_rows BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_loses_none BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('versions',2);
INSERT INTO "sqlite_sequence" VALUES('reported',6);
INSERT INTO "sqlite_sequence" VALUES('decisions',1);
COMMIT;
