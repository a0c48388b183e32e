REM Fill a workbook from its own validations, as somebody does who clicks through it.
REM plan: one line a cell, "row<TAB>column<TAB>kind<TAB>text"; rows and columns count from 0.
REM   choice: take entry number <text> of the cell's drop-down
REM   figure: a number within the validation; day: a date; text: typed as it is
Sub Fill(source As String, target As String, plan As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  book = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
  sheet = book.Sheets.getByIndex(0)
  entry = FreeFile()
  Open ConvertFromURL(plan) For Input As #entry
  Do While Not EOF(entry)
    Line Input #entry, told
    part = Split(told, Chr(9))
    If UBound(part) = 3 Then
      cell = sheet.getCellByPosition(CLng(part(1)), CLng(part(0)))
      Select Case part(2)
        Case "choice" : cell.setString(Choice(book, cell, CLng(part(3))))
        Case "figure" : cell.setValue(Val(part(3)))
        Case "day" : cell.setFormula(part(3))
        Case Else : cell.setString(part(3))
      End Select
    End If
  Loop
  Close #entry
  Dim written(0) As New com.sun.star.beans.PropertyValue
  written(0).Name = "FilterName" : written(0).Value = "Calc MS Excel 2007 XML"
  book.storeToURL(target, written())
  book.close(True)
End Sub

REM The entry of the drop-down: the cell's validation names a range of the sheet of allowed values.
Function Choice(book, cell, place As Long) As String
  rule = cell.Validation
  If rule.Type <> com.sun.star.sheet.ValidationType.LIST Then
    Choice = "no drop-down"
    Exit Function
  End If
  formula = rule.getFormula1()
  named = Split(formula, ".")
  name = Replace(Replace(Replace(named(0), "$", ""), "'", ""), "=", "")
  range = book.Sheets.getByName(name).getCellRangeByName(Replace(named(1), "$", ""))
  Choice = range.getCellByPosition(0, place).String
End Function
