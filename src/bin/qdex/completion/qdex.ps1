# Completions of qdex for PowerShell: run this in your $PROFILE.
Register-ArgumentCompleter -Native -CommandName qdex -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # What each word means, without its quotes; behind the cursor nothing counts.
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } })
    $program = $words[0]
    $before = @($words | Select-Object -Skip 1)
    $typed = ''
    $last = $commandAst.CommandElements[-1]
    if ($before.Count -gt 0 -and $last.Extent.EndOffset -ge $cursorPosition) {
        $typed = $before[-1]
        $before = @($before | Select-Object -SkipLast 1)
    }
    # An empty word has to be written so that it arrives.
    if ($typed -eq '' -and $PSNativeCommandArgumentPassing -notin 'Standard', 'Windows') { $typed = '""' }
    $lines = @(& $program complete '--' @before $typed 2>$null)
    if ($lines.Count -eq 0 -or $lines[0] -in 'files', 'folders') { return }
    foreach ($line in ($lines | Select-Object -Skip 1)) {
        $word, $about = $line -split "`t", 2
        $text = $word
        if ($word -match '[^\w/.:=+-]') { $text = "'" + ($word -replace "'", "''") + "'" }
        if (-not $about) { $about = $word }
        [System.Management.Automation.CompletionResult]::new($text, $word, 'ParameterValue', $about)
    }
}
