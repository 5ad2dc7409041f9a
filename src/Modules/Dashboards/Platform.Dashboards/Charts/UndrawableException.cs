namespace Platform.Dashboards.Charts;

/// <summary>A widget's config does not fit its rows; the sentence stands where the widget would.</summary>
internal sealed class UndrawableException(string sentence) : Exception(sentence)
{
    public static void ThrowIf(bool isUndrawable, string sentence)
    {
        if (isUndrawable)
        {
            throw new UndrawableException(sentence);
        }
    }
}
