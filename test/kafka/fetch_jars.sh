#!/bin/sh
# Puts the jars of Apache Kafka (the real broker of test/kafka) into .cache/kafka-<version>/libs.
# Needs Java and Maven; does nothing when the jars are there. About 120 MB.
set -eu
version="${KAFKA_VERSION:-4.3.0}"
root="$(cd "$(dirname "$0")/../.." && pwd)"
home="$root/.cache/kafka-$version"
[ -f "$home/complete" ] && exit 0
mkdir -p "$home/libs"
cat > "$home/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>millrace</groupId>
  <artifactId>kafka-jars</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn -q -B -f "$home/pom.xml" dependency:copy-dependencies -DoutputDirectory="$home/libs" -DincludeScope=runtime
# Written last: a half-finished download is fetched again.
: > "$home/complete"
