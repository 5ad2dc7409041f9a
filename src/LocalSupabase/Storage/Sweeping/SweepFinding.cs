namespace Platform.LocalSupabase.Storage.Sweeping;

/// <summary>What is wrong with a file or a row. The names are those of <c>storage.sweep_findings.kind</c>.</summary>
internal enum SweepKind
{
    /// <summary>A file in the store that no object refers to: a crash before the row, or after the row was replaced or removed.</summary>
    OrphanFile,

    /// <summary>Bytes that were coming in when the process ended.</summary>
    UnfinishedUpload,

    /// <summary>An upload in parts whose time is over.</summary>
    ExpiredUpload,

    /// <summary>An object whose file is gone. Nothing can bring it back, so the row stays as it is, and is named.</summary>
    MissingFile,

    /// <summary>A file that this service never wrote. It is left alone.</summary>
    UnknownFile,
}

/// <summary>One finding; <paramref name="Repaired"/> when the bytes were taken away.</summary>
internal sealed record SweepFinding(
    SweepKind Kind, string? FileName, long? Size = null, string? Bucket = null, string? ObjectName = null, bool Repaired = false);
