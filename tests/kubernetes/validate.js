// SPDX-License-Identifier: GPL-2.0-or-later
// validate.js: holds the manifests on standard input to Kubernetes' own definitions, as the npm package kubernetes-models brings them: its
// schemas for values, its types, by TypeScript, for keys that are missing or unknown. NODE_PATH leads to the packages.
"use strict";

const fs = require("fs");
const path = require("path");
const ts = require("typescript");
const yaml = require("js-yaml");

const folder = (name) => path.dirname(require.resolve(`${name}/package.json`));
const models = folder("kubernetes-models");
const GROUPS = { "monitoring.coreos.com": folder("@kubernetes-models/prometheus-operator") };

/* OpenShift's own kind, which no package has: github.com/openshift/api, security/v1/types.go. */
const bool = (value) => typeof value === "boolean";
const words = (value) => Array.isArray(value) && value.every((word) => typeof word === "string");
const strategy = (value) => value && ["RunAsAny", "MustRunAs", "MustRunAsRange", "MustRunAsNonRoot"].includes(value.type);
const SCC = { apiVersion: (value) => value === "security.openshift.io/v1", kind: () => true, metadata: (value) => Boolean(value.name),
	allowHostDirVolumePlugin: bool, allowHostIPC: bool, allowHostNetwork: bool, allowHostPID: bool, allowHostPorts: bool,
	allowPrivilegeEscalation: bool, allowPrivilegedContainer: bool, allowedCapabilities: words, defaultAddCapabilities: words,
	requiredDropCapabilities: words, readOnlyRootFilesystem: bool, fsGroup: strategy, runAsUser: strategy, seLinuxContext: strategy,
	supplementalGroups: strategy, seccompProfiles: words, volumes: words, users: words, groups: words };

function sccErrors(doc) {
	return [...Object.keys(doc).filter((key) => !SCC[key] || !SCC[key](doc[key])).map((key) => `${doc.kind}: ${key}`),
		...Object.keys(SCC).filter((key) => !(key in doc)).map((key) => `${doc.kind} lacks ${key}`)];
}

const isScc = (doc) => doc.kind === "SecurityContextConstraints";

function moduleOf(doc) {
	return path.join(GROUPS[doc.apiVersion.split("/")[0]] || models, doc.apiVersion, doc.kind);
}

// The schemas' findings about the values.
function valueErrors(doc) {
	try {
		new (require(moduleOf(doc))[doc.kind])(doc).validate();
		return [];
	} catch (error) {
		return [error.message];
	}
}

// The types' findings about the keys, each document as a literal.
function keyErrors(docs) {
	const name = path.join(models, "manifests.ts");
	const text = docs.map((doc, i) => `import {I${doc.kind} as T${i}} from ${JSON.stringify(moduleOf(doc))};
const d${i}: T${i} = ${JSON.stringify(doc, null, 1)};`).join("\n");
	const options = { noEmit: true, strict: true, skipLibCheck: true, types: [], module: ts.ModuleKind.CommonJS,
		moduleResolution: ts.ModuleResolutionKind.Node10 };
	const host = ts.createCompilerHost(options);
	const { getSourceFile, fileExists } = host;
	host.fileExists = (file) => file === name || fileExists(file);
	host.getSourceFile = (file, ...rest) => (file === name ? ts.createSourceFile(file, text, ...rest) : getSourceFile(file, ...rest));
	return ts.getPreEmitDiagnostics(ts.createProgram([name], options, host))
		.map((found) => ts.flattenDiagnosticMessageText(found.messageText, " "));
}

const docs = yaml.loadAll(fs.readFileSync(0, "utf8")).filter(Boolean);
const others = docs.filter((doc) => !isScc(doc));
const errors = [...docs.filter(isScc).flatMap(sccErrors), ...others.flatMap(valueErrors), ...keyErrors(others)];
errors.forEach((error) => console.log(error));
console.log(docs.map((doc) => `${doc.kind} ${doc.metadata.name}`).join("\n"));
process.exit(errors.length || !docs.length ? 1 : 0);
