namespace Platform.LocalSupabase.Functions.Workers;

/// <summary>Why a function's process ended.</summary>
internal enum FunctionEnd
{
    None,
    Idle,
    Replaced,
    Stopped,
    Crashed,
    OverMemory,
    OverCpu,
    OverTime,
}
