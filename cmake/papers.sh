#!/bin/sh
# papers.sh PROGRAM FOLDER PAGE: the manual pages and completions, made from the program itself.
set -eu
program=$1 folder=$2 page=$3
"$program" man | gzip -9n >"$folder/ovvoc.1.gz"
gzip -9nc "$page" >"$folder/ovvoc-desktop.1.gz"
"$program" completion bash >"$folder/ovvoc.bash"
"$program" completion zsh >"$folder/_ovvoc"
"$program" completion fish >"$folder/ovvoc.fish"
