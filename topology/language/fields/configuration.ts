/**
 * `millrace.config.yaml`: where a topology runs. No part of a definition, and checked in the same way.
 *
 * @module
 */

import { literal, type ObjectSpec, object, union } from "./types.ts";

const text = { kind: "string" } as const;
/** Any scalar, taken as text and never shown. */
const secret = { kind: "string", secret: true } as const;

export const CONFIGURATION_OBJECTS: Readonly<Record<string, ObjectSpec>> = {
  Configuration: {
    doc: "Where a topology runs.",
    fields: {
      brokers: {
        type: { kind: "oneOrMany", of: text },
        default: "127.0.0.1:9092",
        doc: "`host:port` of some of Kafka's brokers.",
        example: "brokers: [kafka-1:9092, kafka-2:9092]",
      },
      registry: {
        type: text,
        default: "http://127.0.0.1:8081",
        doc: "URL of the schema registry.",
        example: "registry: https://registry:8081",
      },
      registryLogin: {
        type: object("Login"),
        doc: "Who we are to the registry.",
        example: "registryLogin: { username: shop, password: secret }",
      },
      tls: {
        type: union(literal(true, false), object("Tls")),
        default: "false",
        doc: "Whether brokers are spoken to over TLS; `true` trusts the system's certificates.",
        example: "tls: { ca: ./ca.pem }",
      },
      sasl: {
        type: object("Sasl"),
        doc: "Who we are to Kafka.",
        example: "sasl: { username: shop, password: secret }",
      },
      stateDir: {
        type: text,
        doc: "Folder of this machine for snapshots of the state, which make a restart fast.",
        example: "stateDir: /var/lib/millrace",
      },
    },
  },
  Login: {
    doc: "A name and a password.",
    fields: {
      username: { type: text, required: true, doc: "The name.", example: "username: shop" },
      password: {
        type: secret,
        required: true,
        doc: "Best as a variable of the environment.",
        example: "password: secret",
      },
    },
  },
  Sasl: {
    doc: "A login to Kafka.",
    fields: {
      mechanism: {
        type: literal("plain", "scram-sha-256", "scram-sha-512"),
        default: "plain",
        doc: "How the password is proven.",
        example: "mechanism: scram-sha-512",
      },
      username: { type: text, required: true, doc: "The name.", example: "username: shop" },
      password: {
        type: secret,
        required: true,
        doc: "Best as a variable of the environment.",
        example: "password: secret",
      },
    },
  },
  Tls: {
    doc: "Certificates: PEM files, their paths from this file's folder.",
    fields: {
      ca: {
        type: text,
        doc: "Certificates that are trusted instead of the system's.",
        example: "ca: ./ca.pem",
      },
      cert: {
        type: text,
        doc: "Our own certificate.",
        example: "cert: ./client.pem",
        beside: ["key"],
      },
      key: { type: text, doc: "Its private key.", example: "key: ./client.key", beside: ["cert"] },
    },
  },
};
